import pytest

from tickets.triage.features import MAX_WORDS, Lexicon, fold, grams, pairs, read_words


@pytest.mark.parametrize(
    ("text", "folded"), [("Kälte", "kalte"), ("KÄLTE", "kalte"), ("Straße", "strasse"), ("Déjà", "deja")]
)
def test_fold_drops_case_and_accents(text, folded):
    assert fold(text) == folded


def test_read_words_leaves_out_stop_words_numbers_and_single_letters():
    lexicon = Lexicon(stop_words=frozenset({"the", "in", "is"}))
    assert [word.folded for word in read_words("The lamp in B 204 is OUT", lexicon)] == [
        "lamp",
        "out",
    ]


def test_read_words_knows_where_each_word_stands():
    text = "l'ascenseur; cafe\u0301 fermé"
    assert [text[word.start : word.end] for word in read_words(text, Lexicon())] == [
        "ascenseur",
        "cafe\u0301",
        "fermé",
    ]


def test_read_words_ends_after_the_words_that_count():
    assert len(read_words("lamp " * (MAX_WORDS + 5), Lexicon())) == MAX_WORDS


def test_pairs_are_neighbours_once_each():
    assert pairs(["tap", "leaks", "tap", "leaks"]) == ["tap leaks", "leaks tap"]


def test_grams_mark_the_ends_of_the_word():
    assert grams("ac") == [" a", "ac", "c ", " ac", "ac ", " ac "]
