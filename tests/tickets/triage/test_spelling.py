from dataclasses import replace

import pytest

from tickets.triage import classify, load_shipped_model
from tickets.triage.features import Lexicon, Word, grams
from tickets.triage.model import Table
from tickets.triage.spelling import MAX_CORRECTED, correct_spelling

MODEL = replace(
    load_shipped_model(),
    words=Table(1.0, {"elevator": (9, 0, 0), "printer": (0, 9, 0), "pointer": (0, 2, 0), "cold": (5, 0, 0)}),
    grams=Table(1.0, dict.fromkeys(grams("warming"), (1, 0, 0))),
    lexicon=Lexicon(stop_words=frozenset({"because"})),
)


def mend(*words: str) -> list[str]:
    return [word.folded for word in correct_spelling([Word(word, 0, 0) for word in words], MODEL)]


@pytest.mark.parametrize("slip", ["elevtor", "ellevator", "elevatro"])
def test_a_lost_doubled_or_swapped_letter_is_mended(slip):
    assert mend(slip) == ["elevator"]


def test_of_two_neighbours_the_one_that_says_more_is_meant():
    assert mend("pinter", "prointer") == ["printer", "printer"]


@pytest.mark.parametrize("word", ["levator", "xelevator", "elevvattor", "elevatir", "cod", "printer"])
def test_first_letter_mistaken_letter_two_slips_short_and_known_words_stay(word):
    assert mend(word) == [word]


def test_a_word_of_familiar_runs_stays():
    assert mend("warming") == ["warming"]


def test_what_is_a_stop_word_then_is_dropped():
    assert mend("becuase", "cold") == ["cold"]
    assert mend("becuase") == ["becuase"]


def test_only_so_many_strange_words_of_a_text_are_looked_at():
    assert mend(*[f"strange{n}" for n in range(MAX_CORRECTED)], "elevtor")[-1] == "elevtor"


def test_evidence_stays_in_the_letters_of_the_text():
    verdict = classify("The elevtor is stuck", load_shipped_model())
    assert verdict.category == "facility"
    assert "elevtor" in dict(verdict.evidence)
