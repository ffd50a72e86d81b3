"""Every number has a drill-down: the list behind it has exactly that many tickets.

Facts are read from the database into a frame as in production; each drill-down of each service is followed
back to the database through the filters of the desk's list.
"""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from analytics_gateway.models import Analysis
from analytics_workers import pipeline
from analytics_workers.catalogue import SERVICES
from analytics_workers.frames import Facts, make_frame
from common.analysis_messages import AnalysisResult
from common.drilldown import Drilldown
from django_common.text_validation import MAX_LOCATION_LENGTH
from tests.support.analyses import finish, make_running
from tests.support.factories import store_as_is
from tests.support.facts import read_stream
from tests.support.pages import summaries_of, text_of
from tests.support.random_tickets import make_ticket, pick_opening
from tickets import facts
from tickets.facts_stream import write_arrow
from tickets.filters import DeskFilter
from tickets.following.models import Feedback
from tickets.models import Ticket

TICKETS = 300
SECOND = timedelta(seconds=1)
# What gunicorn accepts: method, address and version.
LONGEST_REQUEST_LINE = 4094

# A zone, the time of its snapshot, and a time at which its calendar does something odd.
ZONES = {
    # The clock goes back at one minute past midnight: November begins, October comes back, November again.
    "America/St_Johns": ("2009-11-20T11:30:00.000001+00:00", "2009-11-01T02:31:00"),
    # It goes back at midnight: the last hour of September, March and October occurs twice.
    "Asia/Damascus": ("2004-10-20T08:00:00.25+00:00", "2004-09-30T21:00:00"),
    "America/Asuncion": ("1998-03-15T12:00:00+00:00", "1998-03-01T03:00:00"),
    "Asia/Beirut": ("2021-11-05T09:30:00.5+00:00", "2021-10-30T21:00:00"),
    # A day that its calendar skipped.
    "Pacific/Apia": ("2012-01-02T09:59:59.999999+00:00", "2011-12-30T10:00:00"),
    # A law that a calendar may be too old to know: the database's own and Python's may differ.
    "America/Vancouver": ("2027-02-10T20:00:00+00:00", "2026-11-01T09:00:00"),
    "Europe/Berlin": ("2026-03-29T01:00:00.000001+00:00", "2026-03-29T01:00:00"),
}
PARAMS = {
    "unresolved": [{"period": "24h"}, {"period": "90d"}],
    "resolution-time": [{}, {"months": 14}],
    "first-answer": [{}, {"months": 3}],
    "solved": [{}, {"months": 3}],
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
    category, status, opened, closed, activated, answered, building, _ = make_ticket(rng, opened, as_of)
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


def store_campus(zone: str) -> None:
    """The random tickets; the reporters of three in four have said whether the problem is solved."""
    rows = make_rows(zone)
    store_as_is(rows)
    Feedback.objects.bulk_create(
        Feedback(ticket=row, is_solved=number % 4 > 1) for number, row in enumerate(rows) if number % 4
    )


def as_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def read_facts(as_of: datetime) -> Facts:
    """What a worker gets, with another time of the snapshot."""
    snapshot, batches = facts.stream_facts(Ticket.objects.all(), facts.FIELDS)
    stream = b"".join(write_arrow(batches, facts.FIELDS))
    return Facts(make_frame(read_stream(stream, snapshot.count)), as_of)


def compute(service: str, params: dict, known: Facts, zone: str) -> AnalysisResult:
    """As the helpdesk stores it: written as JSON and read again."""
    table = pipeline.measure(service, params, known, ZoneInfo(zone))
    return AnalysisResult.from_json(pipeline.make_result(service, table, known, ZoneInfo(zone)).to_json())


def count_listed(drilldown: Drilldown) -> int:
    query = QueryDict(urlencode(drilldown.filters, doseq=True))
    return DeskFilter(query, queryset=Ticket.objects.order_by()).rows.count()


def find_numbers(result: AnalysisResult) -> Iterator[tuple[object, int, Drilldown | None]]:
    """Each number of tickets, with its name and its drill-down."""
    for index, column in enumerate(result.columns):
        for row, drilldowns in zip(result.rows, result.drilldowns.rows, strict=True):
            if column.unit == "tickets":
                yield (row, column.name), row[index], drilldowns.get(column.name)
            else:
                assert column.name not in drilldowns
    if result.headline:
        yield "headline", count_headline(result), result.drilldowns.headline


def count_headline(result: AnalysisResult) -> int:
    """The number itself, or the n in its text."""
    if result.headline.unit == "tickets":
        return result.headline.value
    return int(result.headline.label.rsplit(", over ", 1)[1].split(" ")[0].replace(",", ""))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("zone", ZONES)
def test_drilldown_of_every_count_lists_that_many_tickets(zone, settings):
    settings.CAMPUS_TIME_ZONE = zone
    store_campus(zone)
    known = read_facts(as_moment(ZONES[zone][0]))
    followed, mismatches = set(), []
    for service in SERVICES:
        for params in PARAMS.get(service, [{}]):
            for name, number, drilldown in find_numbers(compute(service, params, known, zone)):
                listed = count_listed(drilldown) if drilldown else 0
                followed |= {service} if drilldown else set()
                if not number == listed == (drilldown.count if drilldown else 0):
                    mismatches.append((service, params, name, number, listed, drilldown))
    assert mismatches == []
    assert followed == set(SERVICES)


def publish(service: str, result: AnalysisResult) -> Analysis:
    """The result as if its service had sent it just now."""
    return finish(make_running(service=service), result.to_json())


def find_links(helpdesk, analysis: Analysis) -> list[str]:
    """The links from an analysis to the desk's list, the headline's first."""
    page = text_of(helpdesk.get(f"/desk/analytics/{analysis.pk}/"))
    return re.findall(r'href="(/desk/\?[^"]+)"', page)


def count_rows(helpdesk, address: str) -> int:
    """How many tickets a list shows on all its pages."""
    count = 0
    while address:
        page = helpdesk.get(address)
        count += len(summaries_of(page))
        address = page.context["page"].next and f"/desk/{page.context['page'].next}"
    return count


@pytest.mark.django_db(transaction=True)
class TestOverThePages:
    zone = "Europe/Berlin"

    @pytest.fixture(autouse=True)
    def campus(self, transactional_db, settings):
        settings.CAMPUS_TIME_ZONE = self.zone
        store_campus(self.zone)

    @pytest.fixture
    def known(self) -> Facts:
        return read_facts(as_moment(ZONES[self.zone][0]))

    @pytest.mark.parametrize("service", SERVICES)
    def test_link_lists_as_many_tickets_as_its_count(self, helpdesk, known, service):
        result = compute(service, PARAMS.get(service, [{}])[-1], known, self.zone)
        links = find_links(helpdesk, publish(service, result))
        assert len(links) == 1 + sum(map(len, result.drilldowns.rows))
        counts = [int(parse_qs(urlsplit(link).query)["counted"][0]) for link in links]
        assert counts[0] == result.drilldowns.headline.count
        for link, count in list(zip(links, counts, strict=True))[:: 1 + len(links) // 8]:
            assert count_rows(helpdesk, link) == count
            assert "changed since" not in text_of(helpdesk.get(link))

    @pytest.mark.parametrize("service", ["resolution-time", "rush-hours", "backlog"])
    def test_link_lists_the_counted_tickets_after_a_time_zone_change(
        self, helpdesk, known, service, settings
    ):
        result = compute(service, PARAMS.get(service, [{}])[-1], known, self.zone)
        analysis = publish(service, result)
        settings.CAMPUS_TIME_ZONE = "Pacific/Auckland"
        links = find_links(helpdesk, analysis)
        for link in links[:: 1 + len(links) // 8]:
            count = int(parse_qs(urlsplit(link).query)["counted"][0])
            assert count_rows(helpdesk, link) == count
            assert "changed since" not in text_of(helpdesk.get(link))
        page = text_of(helpdesk.get(f"/desk/analytics/{analysis.pk}/"))
        assert "Months, days and hours use Europe/Berlin" in " ".join(page.split())

    def test_api_lists_the_same_tickets_with_the_filters_of_a_drilldown(self, helpdesk, known):
        result = compute("rush-hours", {}, known, self.zone)
        for row, drilldowns in zip(result.rows, result.drilldowns.rows, strict=True):
            for drilldown in drilldowns.values():
                address = f"tickets/?{urlencode(drilldown.filters | {'page_size': 100}, doseq=True)}"
                assert len(helpdesk.api("GET", address).json()["results"]) == row[2]


@pytest.mark.django_db(transaction=True)
def test_link_with_long_building_names_fits_into_a_request_line(helpdesk):
    opened = as_moment("2026-03-01")
    names = [chr(0x1F3E0 + number) * MAX_LOCATION_LENGTH for number in range(22) for _ in range(2)]
    store_as_is(
        [Ticket(category="it", building=name, opened_at=opened, modified_at=opened) for name in names]
    )
    result = compute("by-place", {}, read_facts(opened), "UTC")
    links = find_links(helpdesk, publish("by-place", result))
    (others,) = [link for link in links if "building_not" in link]
    assert count_rows(helpdesk, others) == 4
    assert max(len(f"GET {link} HTTP/1.1\r\n".encode()) for link in links) < LONGEST_REQUEST_LINE
