from itertools import pairwise

from tickets.triage import classify, load_shipped_model
from tickets.triage.evidence import MIN_WEIGHT, find_evidence
from tickets.triage.features import Lexicon, read_words


def evidence(text, word_scores, pair_scores=None):
    words = read_words(text, Lexicon(stop_words=frozenset({"the", "is"})))
    pairs = {f"{a.folded} {b.folded}": 0.0 for a, b in pairwise(words)}
    return find_evidence(text, words, word_scores, pairs | (pair_scores or {}))


def test_evidence_is_in_the_letters_of_the_text_strongest_first():
    assert evidence("The LIFT is Stück", {"lift": 1.0, "stuck": 2.0}) == (("Stück", 2.0), ("LIFT", 1.0))


def test_evidence_leaves_out_words_that_speak_for_another_category():
    assert evidence("printer lamp", {"printer": -1.0, "lamp": 0.5}) == (("lamp", 0.5),)


def test_evidence_joins_neighbours_while_three_pieces_remain():
    scores = {"hot": 1.0, "water": 2.0, "shower": 3.0, "cold": 0.5}
    found = evidence("hot water shower cold", scores, {"hot water": 1.0})
    assert found == (("hot water", 4.0), ("shower", 3.0), ("cold", 0.5))


def test_evidence_leaves_three_words_apart():
    scores = {"hot": 1.0, "water": 2.0, "shower": 3.0}
    assert len(evidence("hot water shower", scores, {"hot water": 1.0})) == 3


def test_evidence_never_has_more_than_five_pieces():
    text = "alpha beta gamma delta epsilon zeta eta"
    assert len(evidence(text, dict.fromkeys(text.split(), 1.0))) == 5


def test_evidence_shows_first_words_when_nothing_speaks_for_the_winner():
    assert evidence("alpha beta", {"alpha": -1.0, "beta": 0.0}) == (
        ("alpha", MIN_WEIGHT),
        ("beta", MIN_WEIGHT),
    )


def test_evidence_of_stop_words_alone_shows_them():
    assert evidence("The is", {}) == (("The", MIN_WEIGHT), ("is", MIN_WEIGHT))


def test_evidence_of_a_text_without_words_is_empty():
    assert evidence("?! 😀", {}) == ()


def test_evidence_names_a_repeated_word_once():
    assert evidence("lamp LAMP lamp", {"lamp": 1.0}) == (("lamp", 1.0),)


def test_evidence_of_an_ordinary_ticket_has_three_to_five_pieces():
    text = "The washing machine in the basement of my hostel leaks and the floor is wet and slippery"
    assert 3 <= len(classify(text, load_shipped_model()).evidence) <= 5


def test_evidence_joins_no_words_of_two_clauses():
    scores = {"hot": 1.0, "water": 2.0, "shower": 3.0, "cold": 0.5}
    assert len(evidence("hot. water shower cold", scores, {"hot water": 1.0})) == 4
