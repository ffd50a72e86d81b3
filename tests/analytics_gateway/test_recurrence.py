from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_gateway.recurrence import Recurrence, next_slots, slots_between

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Kathmandu",
]
moments = st.datetimes(datetime(2009, 1, 1), datetime(2033, 1, 1), timezones=st.just(UTC))
recurrences = st.one_of(
    st.builds(Recurrence, st.just("daily"), st.integers(0, 23)),
    st.builds(Recurrence, st.just("weekly"), st.integers(0, 23), weekday=st.integers(0, 6)),
    st.builds(Recurrence, st.just("monthly"), st.integers(0, 23), day_of_month=st.integers(1, 28)),
)


def is_day_of(recurrence: Recurrence, day: date) -> bool:
    if recurrence.cadence == "weekly":
        return day.weekday() == recurrence.weekday
    return recurrence.cadence == "daily" or day.day == recurrence.day_of_month


def slots_by_calendar(recurrence: Recurrence, after: datetime, until: datetime, zone: str) -> list[datetime]:
    """The same slots computed differently: each day's local hour, as the first moment that shows it."""
    first = (after - timedelta(days=3)).date()
    days = [first + timedelta(days=n) for n in range((until.date() - first).days + 4)]
    walls = [
        datetime(d.year, d.month, d.day, recurrence.hour, tzinfo=ZoneInfo(zone))
        for d in days
        if is_day_of(recurrence, d)
    ]
    return [slot for slot in (wall.astimezone(UTC) for wall in walls) if after < slot <= until]


@given(recurrences, moments, st.integers(0, 200 * 24 * 60), st.sampled_from(ZONES))
def test_slots_agree_with_the_calendar(recurrence, after, minutes, zone):
    until = after + timedelta(minutes=minutes)
    assert slots_between(recurrence, after, until, zone) == slots_by_calendar(recurrence, after, until, zone)


@given(
    recurrences, moments, st.integers(0, 90 * 24 * 60), st.integers(0, 90 * 24 * 60), st.sampled_from(ZONES)
)
def test_adjacent_periods_share_no_slot_and_lose_none(recurrence, start, first, second, zone):
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    halves = slots_between(recurrence, start, middle, zone) + slots_between(recurrence, middle, end, zone)
    assert halves == slots_between(recurrence, start, end, zone)


@pytest.mark.parametrize("zone", ZONES)
def test_four_years_have_exactly_one_slot_per_day(zone):
    after, until = datetime(2024, 1, 1, 12, tzinfo=UTC), datetime(2028, 1, 1, 12, tzinfo=UTC)
    slots = slots_between(Recurrence("daily", 2), after, until, zone)
    days = [slot.astimezone(ZoneInfo(zone)).date() for slot in slots]
    assert len(slots) == 1461
    assert days == [days[0] + timedelta(days=n) for n in range(1461)]


def test_slot_in_a_skipped_hour_moves_to_its_end():
    before, after = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)
    slots = slots_between(Recurrence("daily", 2), before, after, "Europe/Berlin")
    assert slots == [datetime(2026, 3, 29, 1, tzinfo=UTC)]


def test_slot_in_a_repeated_hour_is_the_first_one():
    before, after = datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)
    slots = slots_between(Recurrence("daily", 2), before, after, "Europe/Berlin")
    assert slots == [datetime(2026, 10, 25, 0, tzinfo=UTC)]


def test_slot_at_the_end_of_a_period_belongs_to_it():
    slot = datetime(2026, 5, 1, 7, tzinfo=UTC)
    hour = timedelta(hours=1)
    assert slots_between(Recurrence("daily", 7), slot - hour, slot, "UTC") == [slot]
    assert slots_between(Recurrence("daily", 7), slot, slot + hour, "UTC") == []


@pytest.mark.parametrize(
    ("recurrence", "words", "cron"),
    [
        (Recurrence("daily", 0), "Every day at 00:00", "0 0 * * *"),
        (Recurrence("weekly", 7, weekday=0), "Every Monday at 07:00", "0 7 * * 1"),
        (Recurrence("weekly", 7, weekday=6), "Every Sunday at 07:00", "0 7 * * 7"),
        (Recurrence("monthly", 23, day_of_month=28), "On day 28 of every month at 23:00", "0 23 28 * *"),
    ],
)
def test_recurrence_is_described(recurrence, words, cron):
    assert recurrence.describe() == words
    assert recurrence.as_cron() == cron


def test_next_slots_start_after_the_given_time():
    after = datetime(2026, 1, 28, 7, tzinfo=UTC)
    slots = next_slots(Recurrence("monthly", 7, day_of_month=28), after, 3, "UTC")
    assert [slot.month for slot in slots] == [2, 3, 4]
    assert {slot.day for slot in slots} == {28}
