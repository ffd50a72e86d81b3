import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.parameters import (
    Count,
    Month,
    ParameterError,
    Period,
    format_period,
    month_name,
    month_number,
    period_length,
)

PERIOD = Period(name="period", label="", help="")
MONTH = Month(name="from", label="", help="")
COUNT = Count(name="months", label="", help="")


@pytest.mark.parametrize(
    "value",
    [
        "0h",
        "-1d",
        "7x",
        "",
        "1e9d",
        "99999999999999d",
        "3651d",
        "87601h",
        "07d",
        "7",
        "d",
        " 7d",
        "7d\n",
        "٧d",
    ]
    + [None, 7, 7.5, True, ["7d"], {"7d": 1}],
)
def test_period_refuses_invalid_values_naming_the_field(value):
    with pytest.raises(ParameterError) as refusal:
        PERIOD.clean(value)
    assert refusal.value.name == "period"
    assert "24h or 7d" in refusal.value.message


@pytest.mark.parametrize("value", ["1h", "24h", "87600h", "1d", "7d", "3650d"])
def test_period_accepts_valid_values(value):
    assert PERIOD.clean(value) == value


def test_period_day_is_24_hours():
    assert period_length("3d") == period_length("72h")


def test_period_is_formatted_in_singular_and_plural():
    assert [format_period(period) for period in ("1h", "24h", "1d", "7d")] == [
        "hour",
        "24 hours",
        "day",
        "7 days",
    ]


@pytest.mark.parametrize(
    "value", ["2026-13", "2026-00", "2026-1", "26-01", "2026-01-01", "0000-01", "", None, 202601]
)
def test_month_refuses_invalid_values(value):
    with pytest.raises(ParameterError):
        MONTH.clean(value)


@given(st.integers(min_value=12, max_value=12 * 9999))
def test_month_number_and_name_are_inverse(number):
    assert month_number(MONTH.clean(month_name(number))) == number


@pytest.mark.parametrize("value", [0, 121, -1, True, 1.0, "", "x", "1.5", "²", None, [1]])
def test_count_refuses_invalid_values(value):
    with pytest.raises(ParameterError):
        COUNT.clean(value)


def test_count_accepts_digits_from_a_form():
    assert [COUNT.clean(value) for value in (1, 120, "12")] == [1, 120, 12]
