import pytest

from tickets.triage import load_shipped_model
from tickets.triage.features import Lexicon, read_words
from tickets.triage.politeness import PolitenessFilter, PolitenessLexicon

STOP_WORDS = frozenset({"the", "is", "for", "your", "in", "hello", "best"})
LEXICON = PolitenessLexicon(
    addresses=frozenset({"dear"}), phrases=frozenset({"thanks", "regards"}), topic_words=frozenset({"lift"})
)


def polite_from(*clauses: str) -> list[int]:
    politeness = PolitenessFilter(LEXICON, STOP_WORDS)
    return list(politeness.find_polite_starts([clause.split() for clause in clauses], drop_names=True))


def test_an_address_is_polite_as_a_whole():
    assert polite_from("dear staff") == [0]


def test_an_address_that_runs_on_is_not_dropped():
    assert polite_from("dear staff lamp broken") == [4]


def test_a_phrase_is_polite_to_the_end_of_its_clause():
    assert polite_from("lamp broken thanks for your help") == [2]


def test_a_phrase_about_something_that_matters_is_no_mere_politeness():
    assert polite_from("thanks for the lift in b") == [6]


def test_a_long_clause_after_a_phrase_is_no_mere_politeness():
    assert polite_from("thanks walls painted grey chairs wobble doors slam") == [8]


def test_names_after_polite_words_are_a_signature():
    assert polite_from("best regards", "anna brown", "institute history") == [1, 0, 0]


def test_a_name_without_polite_words_before_it_is_read():
    assert polite_from("lamp broken", "anna brown") == [2, 2]


def test_what_follows_an_address_is_no_signature():
    assert polite_from("dear staff", "lamp broken") == [0, 2]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Dear Sir or Madam, walls painted. Kind regards, Dr. Lee", ["walls", "painted"]),
        ("Sehr geehrte Frau Lang, Wand beschmiert. Mit freundlichen Grüßen, Tim", ["wand", "beschmiert"]),
        ("Caro collega, muri sporchi. Cordiali saluti, Luca", ["muri", "sporchi"]),
    ],
)
def test_shipped_politeness_lexicon_leaves_what_the_ticket_says(text, left):
    assert [word.folded for word in read_words(text, load_shipped_model().lexicon)] == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Dear staff, thanks!", ["dear", "staff", "thanks"]),
        ("Dear staff, thanks. Lamp broken", ["lamp", "broken"]),
    ],
)
def test_what_is_read_of_a_text_without_a_report(text, left):
    lexicon = Lexicon(STOP_WORDS, LEXICON)
    assert [word.folded for word in read_words(text, lexicon)] == left


def test_short_report_between_polite_phrases_is_no_name():
    assert polite_from("best regards", "lamp broken", "thanks", "anna brown") == [1, 2, 0, 0]
