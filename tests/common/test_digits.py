import pytest

from common.digits import parse_digits


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("999", 999)])
def test_parse_digits_reads_plain_digits(text, number):
    assert parse_digits(text, 3) == number


@pytest.mark.parametrize("text", ["", "1000", "+1", "-1", "1_0", " 1", "1\n", "1.0", "\u0663", "\u00b2"])
def test_parse_digits_refuses_everything_else(text):
    assert parse_digits(text, 3) is None
