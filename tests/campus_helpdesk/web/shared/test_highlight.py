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


def test_mark_words_marks_adjacent_words_separately():
    assert mark_words("tap leaks", ["tap", "leaks"]) == "<mark>tap</mark> <mark>leaks</mark>"


def test_mark_words_limits_the_marks_of_a_phrase():
    assert mark_words("lamp " * 4000, ["lamp"]).count("<mark>") == MAX_MARKS_PER_PHRASE


def test_mark_words_ends_words_after_combining_accents():
    assert mark_words("cafe cafe\u0301", ["cafe"]) == "<mark>cafe</mark> cafe\u0301"


@pytest.mark.parametrize("text", ["", "a < b", "x\ny"])
def test_mark_words_without_phrases_escapes_the_text(text):
    assert mark_words(text, []) == text.replace("<", "&lt;")


def test_mark_words_treats_special_characters_literally():
    assert mark_words("C++ (new) and C", ["C++ (new"]) == "<mark>C++ (new</mark>) and C"


def test_deciding_words_leave_out_low_weights():
    assert deciding_words([("lift", 3.0), ("stuck", 0.5), ("nine", 0.2)]) == ["lift", "stuck"]
    assert deciding_words([]) == []
