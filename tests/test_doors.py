"""Every number is a door: the list behind it is exactly as long as the number says.

Facts go the real way, out of the database into a frame; each door of each service is followed back into the
database through the filters of the desk's list.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.http import QueryDict

from analytics_workers import pipeline
from analytics_workers.contract import CARDS, AnalysisResult
from analytics_workers.doors import Door
from analytics_workers.frames import Facts, read_frame
from tests.analytics_workers.test_oracle import make_ticket, pick_opening
from tickets import facts
from tickets.arrow import write_arrow
from tickets.filters import DeskFilter
from tickets.models import Ticket

TICKETS = 300
SECOND = timedelta(seconds=1)
# What gunicorn takes: method, address and version.
LONGEST_REQUEST_LINE = 4094

# A zone, the moment of its snapshot, and a moment at which its calendar does something odd.
ZONES = {
    # The clock goes back at one minute past midnight: November begins, October comes back, November again.
    "America/St_Johns": ("2009-11-20T11:30:00.000001+00:00", "2009-11-01T02:31:00"),
    # It goes back at midnight: September's, March's and October's last hour come twice.
    "Asia/Damascus": ("2004-10-20T08:00:00.25+00:00", "2004-09-30T21:00:00"),
    "America/Asuncion": ("1998-03-15T12:00:00+00:00", "1998-03-01T03:00:00"),
    "Asia/Beirut": ("2021-11-05T09:30:00.5+00:00", "2021-10-30T21:00:00"),
    # A day that its calendar left out.
    "Pacific/Apia": ("2012-01-02T09:59:59.999999+00:00", "2011-12-30T10:00:00"),
    "Europe/Berlin": ("2026-03-29T01:00:00.000001+00:00", "2026-03-29T01:00:00"),
}
PARAMS = {
    "unresolved": [{"period": "24h"}, {"period": "90d"}],
    "resolution-time": [{}, {"months": 14}],
    "first-answer": [{}, {"months": 3}],
    "rush-hours": [{}, {"months": 3}],
    "backlog": [{"days": 1}, {"days": 60}],
}
ODD_BUILDINGS = [
    "other",
    "no building",
    "NULL",
    "nan",
    "Österreich 1",
    "A & B = C+D",
    "100 %",
    "🛗 lift",
    "a,b",
]


def make_rows(zone: str) -> list[Ticket]:
    """Random tickets up to a snapshot, many of them at edges; buildings also in another spelling."""
    rng, (as_of, edge) = random.Random(zone), map(as_moment, ZONES[zone])
    openings = [pick_opening(rng, as_of) for _ in range(TICKETS)]
    openings += [edge + timedelta(minutes=15 * step) for step in range(-10, 11)]
    openings += [edge + timedelta(microseconds=step) for step in (-1, 0, 1)]
    rows = [make_row(rng, opened, as_of) for opened in openings if opened <= as_of]
    late = Ticket(status="open", category="it", opened_at=as_of + SECOND, modified_at=as_of + SECOND)
    return [*rows, late]  # the last one from a clock that was ahead


def make_row(rng: random.Random, opened: datetime, as_of: datetime) -> Ticket:
    category, status, opened, closed, activated, answered, building = make_ticket(rng, opened, as_of)
    spelt = rng.choice([building, building, building.upper(), rng.choice(ODD_BUILDINGS)])
    moments = {"opened_at": opened, "closed_at": closed, "activated_at": activated}
    return Ticket(
        status=status,
        category=category,
        building=spelt,
        first_answered_at=answered,
        modified_at=as_of + SECOND,
        **moments,
    )


def as_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@transaction.atomic
def store(rows: list[Ticket]) -> None:
    """As they are: an import, too, would make them so."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket DISABLE TRIGGER USER")
        for row in rows:
            row.description = "The tap drips"
        Ticket.objects.bulk_create(rows)
        cursor.execute("ALTER TABLE tickets_ticket ENABLE TRIGGER USER")


def read_facts(as_of: datetime) -> Facts:
    """What a worker gets, with another moment of the snapshot."""
    _, chunks = facts.stream_facts(
        Ticket.objects.all(), facts.FIELDS, moment_as=facts.AS_MICROSECONDS, header=False
    )
    return Facts(read_frame(b"".join(write_arrow(chunks, facts.FIELDS))), as_of)


def compute(service: str, params: dict, known: Facts, zone: str) -> AnalysisResult:
    """As the helpdesk stores it: written as JSON and read again."""
    table = pipeline.measure(service, params, known, ZoneInfo(zone))
    return AnalysisResult.from_json(pipeline.make_result(service, table, known, ZoneInfo(zone)).to_json())


def count_listed(door: Door) -> int:
    asked = QueryDict(urlencode(door.filters, doseq=True))
    return DeskFilter(asked, queryset=Ticket.objects.order_by()).rows.count()


def find_numbers(result: AnalysisResult) -> Iterator[tuple[object, int, Door | None]]:
    """Each number of tickets, with its name and its door."""
    for place, column in enumerate(result.columns):
        for row, doors in zip(result.rows, result.doors.rows, strict=True):
            if column.unit == "tickets":
                yield (row, column.name), row[place], doors.get(column.name)
            else:
                assert column.name not in doors
    if result.headline:
        yield "headline", count_headline(result), result.doors.headline


def count_headline(result: AnalysisResult) -> int:
    """The number itself, or the n that its words tell."""
    if result.headline.unit == "tickets":
        return result.headline.value
    return int(result.headline.label.rsplit(", over ", 1)[1].split(" ")[0].replace(",", ""))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("zone", ZONES)
def test_list_behind_every_number_is_as_long_as_the_number(zone, settings):
    settings.CAMPUS_TIME_ZONE = zone
    store(make_rows(zone))
    known = read_facts(as_moment(ZONES[zone][0]))
    followed, mismatches = set(), []
    for service in CARDS:
        for params in PARAMS.get(service, [{}]):
            for name, number, door in find_numbers(compute(service, params, known, zone)):
                listed = count_listed(door) if door else 0
                followed |= {service} if door else set()
                if not number == listed == (door.count if door else 0):
                    mismatches.append((service, params, name, number, listed, door))
    assert mismatches == []
    assert followed == set(CARDS)
