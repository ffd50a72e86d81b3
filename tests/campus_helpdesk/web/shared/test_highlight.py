import pytest

from campus_helpdesk.web.shared.highlight import MAX_MARKS_PER_PHRASE, deciding_words, mark_words


def test_mark_words_marks_whole_words_only():
    assert mark_words("The lift lifts. LIFT, lift!", ["lift"]) == (
        "The <mark>lift</mark> lifts. LIFT, <mark>lift</mark>!"
    )


def test_mark_words_escapes_the_text_and_the_phrase():
    assert mark_words('<b>lamp & "oven"</b>', ["lamp", 'lamp & "oven"']) == (
        "&lt;b&gt;<mark>lamp &amp; &quot;oven&quot;</mark>&lt;/b&gt;"
    )


def test_mark_words_joins_phrases_that_overlap():
    assert mark_words("hot water heater", ["hot water", "water heater"]) == "<mark>hot water heater</mark>"


def test_mark_words_keeps_neighbours_apart():
    assert mark_words("tap leaks", ["tap", "leaks"]) == "<mark>tap</mark> <mark>leaks</mark>"


def test_mark_words_stays_calm_in_a_long_text():
    assert mark_words("lamp " * 4000, ["lamp"]).count("<mark>") == MAX_MARKS_PER_PHRASE


def test_mark_words_knows_where_a_word_ends_in_accents():
    assert mark_words("cafe cafe\u0301", ["cafe"]) == "<mark>cafe</mark> cafe\u0301"


@pytest.mark.parametrize("text", ["", "a < b", "x\ny"])
def test_mark_words_without_phrases_is_the_text_escaped(text):
    assert mark_words(text, []) == text.replace("<", "&lt;")


def test_mark_words_takes_signs_as_signs():
    assert mark_words("C++ (new) and C", ["C++ (new"]) == "<mark>C++ (new</mark>) and C"


def test_deciding_words_leave_out_what_hardly_weighs():
    assert deciding_words([("lift", 3.0), ("stuck", 0.5), ("nine", 0.2)]) == ["lift", "stuck"]
    assert deciding_words([]) == []
