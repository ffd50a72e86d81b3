import pytest

from analytics_gateway.recurrence import Recurrence
from analytics_gateway.schedule_input import clean_recurrence
from common.errors import Invalid


def test_digits_of_a_form_are_accepted():
    assert clean_recurrence("weekly", hour="07", weekday="0", day_of_month="") == Recurrence(
        "weekly", 7, weekday=0
    )


def test_fields_that_the_cadence_does_not_need_are_ignored():
    assert clean_recurrence("daily", hour=7, weekday=3, day_of_month="x") == Recurrence("daily", 7)


@pytest.mark.parametrize(
    ("cadence", "hour", "weekday", "day"),
    [("daily", 0, None, None), ("daily", 23, None, None), ("weekly", 7, 6, None), ("monthly", 7, None, 28)],
)
def test_lowest_and_highest_values_are_accepted(cadence, hour, weekday, day):
    found = clean_recurrence(cadence, hour=hour, weekday=weekday, day_of_month=day)
    assert found == Recurrence(cadence, hour, weekday, day)


@pytest.mark.parametrize(
    ("cadence", "fields", "named"),
    [
        ("hourly", {}, {"cadence"}),
        (None, {}, {"cadence"}),
        (["daily"], {}, {"cadence"}),
        ("daily", {"hour": 24}, {"hour"}),
        ("daily", {"hour": ""}, {"hour"}),
        ("daily", {"hour": None}, {"hour"}),
        ("daily", {"hour": -1}, {"hour"}),
        ("daily", {"hour": 7.0}, {"hour"}),
        ("daily", {"hour": True}, {"hour"}),
        ("daily", {"hour": "٧"}, {"hour"}),
        ("daily", {"hour": "9" * 5000}, {"hour"}),
        ("weekly", {"hour": 7, "weekday": 7}, {"weekday"}),
        ("weekly", {"hour": 99}, {"hour", "weekday"}),
        ("monthly", {"hour": 7, "day_of_month": 29}, {"day_of_month"}),
        ("monthly", {"hour": 7, "day_of_month": 0}, {"day_of_month"}),
    ],
)
def test_wrong_fields_are_named(cadence, fields, named):
    with pytest.raises(Invalid) as refusal:
        clean_recurrence(cadence, **({"hour": None, "weekday": None, "day_of_month": None} | fields))
    assert set(refusal.value.errors) == named
