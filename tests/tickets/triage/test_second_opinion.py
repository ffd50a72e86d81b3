import pytest

from tests.support.sentence_models import needs_sentence_model
from tickets.triage import classify, load_shipped_model
from tickets.triage.second_opinion import combine, judge

MODEL = load_shipped_model()
LAMP = "The lamp in the corridor is dark"


def test_opinion_is_half_words_and_half_meaning():
    words = classify(LAMP, MODEL)
    both = combine(words, [0.8, 0.1, 0.1], LAMP, MODEL)
    assert both.category == words.category == "facility"
    mean = (words.shares[0] + 0.8) / 2
    assert mean < both.confidence < 1
    assert sum(both.shares) == pytest.approx(1)
    assert (both.evidence, both.runner_up, both.is_mixed) == (words.evidence, words.runner_up, words.is_mixed)
    assert not both.needs_review


def test_other_category_is_taken_with_the_words_that_speak_for_it():
    text, speaks_for = "The wifi lamp is dark", {"it": "wifi", "facility": "lamp"}
    words = classify(text, MODEL)
    shares = [0.0, 1.0, 0.0] if words.category == "facility" else [1.0, 0.0, 0.0]
    both = combine(words, shares, text, MODEL)
    assert {both.category, words.category} == set(speaks_for)
    assert both.evidence[0][0] == speaks_for[both.category]
    assert both.runner_up == words.category
    assert both.needs_review == (both.confidence < MODEL.review_below)


def test_other_category_may_have_no_word_that_speaks_for_it():
    both = combine(classify("lamp", MODEL), [0.0, 0.0, 2.0], "lamp", MODEL)
    assert (both.category, both.evidence) == ("services", ())


def test_text_without_a_familiar_word_stays_in_doubt_whatever_it_means():
    both = combine(classify("blorptang", MODEL), [0.0, 0.0, 1.0], "blorptang", MODEL)
    assert (both.category, both.needs_review) == ("services", True)


@needs_sentence_model
@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The portakabin sways when lorries pass", "facility"),
        ("Der Hagel hat das Vordach durchlöchert", "facility"),
        ("My scans come out black", "it"),
        ("The gravy swims in fat", "services"),
    ],
)
def test_second_opinion_knows_texts_that_have_hardly_a_known_word(text, category):
    assert judge(text, MODEL).category == category
