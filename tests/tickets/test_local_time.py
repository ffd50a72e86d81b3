"""The campus clock in SQL against Python's own."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.factories import store_as_is
from tickets.local_time import clock_part, find_spans, list_offsets, within
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


def test_database_reads_the_clock_as_python_does(zone):
    parts = {part: clock_part(part, "opened_at", zone) for part in ("hour", "isodow")}
    rows = list(Ticket.objects.annotate(**parts).values_list("opened_at", "hour", "isodow"))
    assert len(rows) >= 300
    for moment, hour, weekday in rows:
        local = moment.astimezone(ZoneInfo(zone))
        assert (hour, weekday) == (local.hour, local.isoweekday()), moment


def test_spans_hold_what_the_clock_shows_between_two_readings(zone):
    rng, moments = random.Random(zone), list(Ticket.objects.values_list("opened_at", flat=True))
    for first, end in pairwise(
        sorted(datetime(rng.randrange(1900, 2090), rng.randrange(1, 13), 1) for _ in range(30))
    ):
        found = Ticket.objects.filter(within("opened_at", find_spans(zone, first, end)))
        shown = {m for m in moments if first <= m.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < end}
        assert set(found.values_list("opened_at", flat=True)) == shown


def test_month_is_one_span_unless_the_clock_goes_back_over_its_first_midnight():
    november = datetime(2009, 11, 1), datetime(2009, 12, 1)
    assert len(find_spans("Europe/Berlin", *november)) == 1
    assert find_spans("America/St_Johns", *november) == [
        (datetime(2009, 11, 1, 2, 30, tzinfo=UTC), datetime(2009, 11, 1, 2, 31, tzinfo=UTC)),
        (datetime(2009, 11, 1, 3, 30, tzinfo=UTC), datetime(2009, 12, 1, 3, 30, tzinfo=UTC)),
    ]


def test_no_span_is_nothing_at_all(db):
    store_as_is([Ticket(category="it", opened_at=m, modified_at=m) for m in pick_moments("UTC")])
    assert find_spans("UTC", None, datetime(1850, 1, 1)) == []
    assert not Ticket.objects.filter(within("opened_at", [])).exists()
