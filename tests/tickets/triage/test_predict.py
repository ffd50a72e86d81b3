import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.triage import classify, load_shipped_model
from tickets.triage.model import CATEGORIES
from tickets.triage.predict import is_foreign

MODEL = load_shipped_model()
ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=400)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The elevator in the library building is not working since this morning.", "facility"),
        ("WIFI malfunctioning in lecture hall B, laptops cannot connect to eduroam.", "it"),
        ("Canteen's food was cold again and the portions are far too small.", "services"),
        ("The radiator in reading room 3 leaks", "facility"),
        ("The tap in the kitchen is dripping", "facility"),
        ("The lights in room 5 flicker", "facility"),
    ],
)
def test_classify_is_sure_of_the_obvious(text, category):
    verdict = classify(text, MODEL)
    assert (verdict.category, verdict.needs_review) == (category, False)
    assert verdict.confidence > 0.7
    assert verdict.runner_up != category
    assert verdict.model == MODEL.version


@given(ANY_TEXT)
@settings(deadline=None)
def test_classify_answers_any_text(text):
    verdict = classify(text, MODEL)
    assert verdict.category in CATEGORIES
    assert verdict.runner_up in CATEGORIES
    assert verdict.runner_up != verdict.category
    assert 0 < verdict.confidence <= 1
    assert len(verdict.evidence) <= 5
    assert all(weight > 0 and word in text for word, weight in verdict.evidence)
    assert verdict == classify(text, MODEL)


@pytest.mark.parametrize(
    "text", ["", "12345", "204 / 17", "😀😀", "\0", "\ud800", "   ", "?!...", "the of and"]
)
def test_classify_without_content_is_the_least_sure_guess(text):
    verdict = classify(text, MODEL)
    assert verdict.confidence == pytest.approx(1 / 3)
    assert verdict.needs_review


@pytest.mark.parametrize("text", ["blorptang", "xyzzy", "電灯が壊れた", "مرحبا"])
def test_classify_of_a_stranger_is_a_guess_that_shows_the_word(text):
    verdict = classify(text, MODEL)
    assert verdict.confidence == pytest.approx(1 / 3)
    assert verdict.needs_review
    assert verdict.evidence[0][0] == text


@pytest.mark.parametrize(
    ("text", "category"),
    [("Heizungsproblem", "facility"), ("elevatorr", "facility"), ("Druckerproblem", "it")],
)
def test_classify_knows_a_word_by_its_parts(text, category):
    verdict = classify(text, MODEL)
    assert verdict.category == category
    assert verdict.confidence > 0.4


def test_classify_is_not_turned_by_politeness_capitals_or_lost_accents():
    plain = "Die Tür von Büro 118 lässt sich nicht schließen"
    polite = f"Sehr geehrte Damen und Herren, {plain}. Vielen Dank im Voraus und freundliche Grüße"
    lost = "Die Tur von Buro 118 lasst sich nicht schliessen"
    assert {classify(text, MODEL).category for text in (plain, polite, plain.upper(), lost)} == {"facility"}


def test_no_text_takes_much_longer_than_an_ordinary_one_of_its_length():
    """Anything quadratic in the length would take hundreds of times as long."""
    texts = ["a" * 20_000, "\u0301" * 20_000, " ".join(f"{n:x}q{n * 7919:x}" for n in range(3000))[:20_000]]
    texts += ["a. b! " * 3300, "x\n" * 10_000]
    texts += [" ".join(f"unheard{n}of{n * 7919}word" for n in range(800))]
    texts += ["." * 20_000, "lamp " + "!" * 19_000 + "x"]
    texts += ["lamp " + " ".join(chr(0x4E00 + n) + "\ufdfa" * 39 for n in range(40))]
    short, ordinary, *odd = fastest(*("The lamp is broken. " * count for count in (125, 1000)), *texts)
    assert ordinary <= 24 * short  # 8 times as long; quadratic would be 64, a noisy machine doubles it
    assert max(odd) <= 4 * ordinary


def fastest(*texts: str) -> list[float]:
    """CPU seconds of each text, best of five. In turns, so that a slow phase of the machine affects all of
    them."""
    return [min(times) for times in zip(*([measure(text) for text in texts] for _ in range(5)), strict=True)]


def measure(text: str) -> float:
    started = time.process_time()
    classify(text, MODEL)
    return time.process_time() - started


def test_triage_runs_without_django_numpy_and_scikit_learn():
    check = (
        "import sys; from tickets.triage import classify, load_shipped_model; "
        "classify('The lamp is dark', load_shipped_model()); "
        "sys.exit(', '.join({'django', 'numpy', 'scipy', 'sklearn'} & set(sys.modules)) or None)"
    )
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_addresses_do_not_make_a_text_foreign():
    plain = "The printer in the library is jammed"
    text = f"{plain}, see https://intranet.example.edu/devices/view/lobby or write to front.desk@example.edu"
    assert not is_foreign(text, MODEL)
    assert classify(text, MODEL).category == "it"


def test_a_text_in_another_language_is_a_guess():
    verdict = classify("Tiskárna ve druhém patře zase netiskne a bliká červeně", MODEL)
    assert (verdict.confidence, verdict.needs_review) == (1 / 3, True)
