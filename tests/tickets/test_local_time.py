"""Campus time in SQL against Python's own."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from tests.support.factories import store_as_is
from tickets.local_time import (
    LAST_MOMENT,
    filter_local_part,
    find_spans,
    in_any_span,
    list_offsets,
    list_utc_hours,
    local_part,
    read_offset,
)
from tickets.models import Ticket

MICROSECOND = timedelta(microseconds=1)
ZONES = [
    "UTC",
    "Etc/GMT+10",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/St_Johns",
    "America/Vancouver",
    "America/Asuncion",
    "Africa/Casablanca",
    "Africa/Monrovia",
    "Asia/Damascus",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Antarctica/Troll",
]


def pick_moments(zone: str) -> list[datetime]:
    """Random moments, and each change of the clock with the microsecond before it."""
    rng, start = random.Random(zone), datetime(1900, 1, 1, tzinfo=UTC)
    moments = [start + rng.randrange(2_400_000) * timedelta(minutes=43, microseconds=1) for _ in range(300)]
    changes = [moment for moment, _ in list_offsets(zone)[1:] if moment >= start]
    return moments + changes + [moment - MICROSECOND for moment in changes]


@pytest.fixture(params=ZONES)
def zone(request, db) -> str:
    moments = pick_moments(request.param)
    store_as_is([Ticket(category="it", opened_at=moment, modified_at=moment) for moment in moments])
    return request.param


def test_database_computes_local_time_like_python(zone):
    parts = {part: local_part(part, "opened_at", zone) for part in ("hour", "isodow")}
    rows = list(Ticket.objects.annotate(**parts).values_list("opened_at", "hour", "isodow"))
    assert len(rows) >= 300
    for moment, hour, weekday in rows:
        local = moment.astimezone(ZoneInfo(zone))
        assert (hour, weekday) == (local.hour, local.isoweekday()), moment


def test_filter_by_hour_or_weekday_selects_the_same_rows_as_python(zone):
    opened, clock = sorted(Ticket.objects.values_list("opened_at", flat=True)), ZoneInfo(zone)
    for part, value in [("hour", 0), ("hour", 2), ("hour", 23), ("isodow", 1), ("isodow", 7)]:
        found = filter_local_part(Ticket.objects.order_by("opened_at"), "opened_at", zone, part, value)
        shown = {"hour": lambda local: local.hour, "isodow": lambda local: local.isoweekday()}[part]
        expected = [moment for moment in opened if shown(moment.astimezone(clock)) == value]
        assert list(found.values_list("opened_at", flat=True)) == expected != []


def test_utc_hours_are_few_for_zones_with_few_offsets():
    assert list_utc_hours("UTC", [3]) == [3]
    assert {1, 2} <= set(list_utc_hours("Europe/Berlin", [3])) <= {0, 1, 2, 3}
    assert {21, 22} <= set(list_utc_hours("Asia/Kolkata", [27])) <= {20, 21, 22, 23}
    assert 167 in list_utc_hours("Europe/Berlin", [0])  # Sunday evening there


def test_spans_contain_the_times_between_two_local_times(zone):
    rng, moments = random.Random(zone), list(Ticket.objects.values_list("opened_at", flat=True))
    for first, end in pairwise(
        sorted(datetime(rng.randrange(1900, 2090), rng.randrange(1, 13), 1) for _ in range(30))
    ):
        found = Ticket.objects.filter(in_any_span("opened_at", find_spans(zone, first, end)))
        shown = {m for m in moments if first <= m.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < end}
        assert set(found.values_list("opened_at", flat=True)) == shown


def test_month_has_two_spans_if_clocks_go_back_over_its_first_midnight():
    november = datetime(2009, 11, 1), datetime(2009, 12, 1)
    assert len(find_spans("Europe/Berlin", *november)) == 1
    assert find_spans("America/St_Johns", *november) == [
        (datetime(2009, 11, 1, 2, 30, tzinfo=UTC), datetime(2009, 11, 1, 2, 31, tzinfo=UTC)),
        (datetime(2009, 11, 1, 3, 30, tzinfo=UTC), datetime(2009, 12, 1, 3, 30, tzinfo=UTC)),
    ]


def test_empty_list_of_spans_selects_no_rows(db):
    store_as_is([Ticket(category="it", opened_at=m, modified_at=m) for m in pick_moments("UTC")])
    assert find_spans("UTC", None, datetime(1850, 1, 1)) == []
    assert not Ticket.objects.filter(in_any_span("opened_at", [])).exists()


def test_offsets_of_a_zone_are_computed_once_in_few_steps(monkeypatch):
    """Anyone may name any of the 600 zones in a URL."""
    reads = []

    def count_read(clock: ZoneInfo, moment: datetime) -> timedelta:
        reads.append(moment)
        return read_offset(clock, moment)

    monkeypatch.setattr("tickets.local_time.read_offset", count_read)
    list_offsets.cache_clear()
    zones = sorted(available_timezones())[:70]
    monkeypatch.setattr("tickets.local_time.FIRST_MOMENT", LAST_MOMENT - timedelta(days=3650))
    for zone in [*zones, *zones]:
        list_offsets(zone)
    list_offsets.cache_clear()
    assert len(reads) < len(zones) * 2_000
