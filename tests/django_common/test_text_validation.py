import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid
from django_common.text_validation import MAX_TEXT_LENGTH, clean_location, clean_text
from tickets.models import Ticket


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "a\x00b",
        "\ud800",
        "\u200b\u200d",
        "\u2800",
        "\u3164",
        "\u0301",
        7,
        None,
        ["x"],
        "x" * 20_001,
    ],
    ids=[
        "empty",
        "blank",
        "NUL",
        "surrogate",
        "zero width",
        "braille blank",
        "filler",
        "mark",
        "number",
        "none",
        "list",
        "long",
    ],
)
def test_clean_text_refuses_invalid_texts(text):
    with pytest.raises(Invalid) as refusal:
        clean_text("description", text)
    assert set(refusal.value.errors) == {"description"}


@pytest.mark.parametrize(
    "text", ["🛗", "מעלית", "$x_{", "<script>alert(1)</script>", "é", "x" * MAX_TEXT_LENGTH]
)
def test_clean_text_accepts_any_readable_text(text):
    assert clean_text("body", text) == text


def test_clean_text_only_trims_and_normalises_line_ends():
    assert clean_text("body", "  a\r\n b ﬁ\n ") == "a\n b ﬁ"


@pytest.mark.parametrize(
    "written", ["Caf\u00e9 Nord", "Cafe\u0301 Nord", "Caf\u00e9  Nord", " Caf\u00e9\u00a0Nord "]
)
def test_equal_locations_are_stored_in_one_form(written):
    assert clean_location("building", written) == "Caf\u00e9 Nord"


@pytest.mark.parametrize("break_", ["\r", "\u2028", "\u2029", "\u0085", "\v"])
def test_line_break_is_refused_in_a_location_and_ends_a_summary(break_):
    with pytest.raises(Invalid):
        clean_location("room", f"A{break_}B")
    assert Ticket(description=f"The lamp{break_}flickers").summary == "The lamp"


def test_summary_is_the_first_visible_line():
    """A list links it: without a letter nobody could click on it."""
    assert Ticket(description="\u200b\n \u2800\nThe lamp\nflickers").summary == "The lamp"
    assert Ticket().summary == ""


def test_clean_location_is_one_line_and_may_be_empty():
    assert clean_location("room", "  ") == ""
    with pytest.raises(Invalid):
        clean_location("room", "A\nB")
    with pytest.raises(Invalid):
        clean_location("room", "x" * 101)


@given(st.text())
def test_clean_text_is_stable(text):
    try:
        once = clean_text("body", text)
    except Invalid:
        return
    assert clean_text("body", once) == once
