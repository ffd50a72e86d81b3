from datetime import datetime, timedelta, timezone

import pytest

from common.formatting import format_month, format_number, format_utc


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1234, "1,234"), (-1234, "-1,234"), (31.25, "31.2"), (1234.0, "1,234.0")]
)
def test_format_number_separates_thousands_and_rounds_to_one_decimal(value, text):
    assert format_number(value) == text


def test_format_utc_is_iso_8601_with_z_and_microseconds():
    moment = datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert format_utc(moment) == "2026-02-28T23:30:00.000000Z"


def test_format_month_names_month_and_year():
    assert format_month("2026-03") == "March 2026"
