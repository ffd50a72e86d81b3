"""From a request to its result with real parts: web, queue, a worker process without Django."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.db import connection
from redis import Redis

from analytics_gateway.queue import breaker
from analytics_gateway.reconciler import reconcile
from analytics_workers.helpdesk_api import MAX_UPLOAD, HelpdeskApi
from analytics_workers.settings import Settings
from campus_helpdesk.settings import CAMPUS_TIME_ZONE
from common.analysis_messages import MAX_ROWS, AnalysisResult
from tests.support.analyses import SVG, make_png, make_running, result_text
from tests.support.factories import make_ticket, shift
from tests.support.processes import wait_until
from tests.support.workers import kill, worker_process
from tickets.models import Ticket

SECONDS = 60


@pytest.fixture(scope="class")
def valkey() -> Iterator[Redis]:
    """The broker of the test run, emptied."""
    redis = Redis.from_url(django_settings.REDIS_URL)
    redis.flushdb()
    breaker.reset()
    yield redis
    redis.flushdb()


@pytest.fixture(scope="class")
def worker(live_server, valkey, tmp_path_factory) -> Iterator[Path]:
    """A running worker, and its log."""
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    with worker_process(live_server.url, log):
        yield log


def make_campus() -> None:
    """Tickets of every status and category over some months, with known times."""
    texts = ["The lamp flickers", "The WIFI is down, my laptop cannot connect", "The canteen's food was cold"]
    for number in range(18):
        ticket = make_ticket(["open", "active", "closed"][number % 3], description=texts[number // 3 % 3])
        shift(ticket, timedelta(days=11 * number, hours=number))


def request(helpdesk, **body) -> dict:
    response = helpdesk.api("POST", "analyses/", body)
    assert response.status_code == 202, response.content
    return response.json()


def fetch(helpdesk, analysis: dict) -> dict:
    return helpdesk.api("GET", f"analyses/{analysis['id']}/").json()


def wait_for(helpdesk, analysis: dict, state: str) -> dict:
    wait_until(lambda: fetch(helpdesk, analysis)["state"] == state, SECONDS, f"{analysis['id']} is {state}")
    return fetch(helpdesk, analysis)


def column(result: dict, name: str) -> list:
    index = [column["name"] for column in result["columns"]].index(name)
    return [row[index] for row in result["rows"]]


def check_unresolved(result: dict) -> None:
    as_of = datetime.fromisoformat(result["lineage"]["as_of"])
    recent = Ticket.objects.filter(opened_at__gte=as_of - timedelta(days=30), opened_at__lte=as_of)
    assert result["headline"]["value"] == sum(ticket.status != "closed" for ticket in recent) > 0


def check_active(result: dict) -> None:
    active = [ticket.category for ticket in Ticket.objects.all() if ticket.status == "active"]
    counts = {category: active.count(category) for category in ("facility", "it", "services")}
    assert dict(zip(column(result, "category"), column(result, "active"), strict=True)) == counts
    assert sum(counts.values()) == 6


def check_resolution(result: dict) -> None:
    zone, hours = ZoneInfo(CAMPUS_TIME_ZONE), {}
    for ticket in Ticket.objects.filter(status="closed"):
        month = f"{ticket.opened_at.astimezone(zone):%Y-%m}"
        hours.setdefault(month, []).append((ticket.closed_at - ticket.opened_at) / timedelta(hours=1))
    means = dict(zip(column(result, "month"), column(result, "mean_hours"), strict=True))
    assert {month for month, mean in means.items() if mean is not None} == set(hours)
    for month, spans in hours.items():
        assert means[month] == pytest.approx(sum(spans) / len(spans), rel=1e-9)
    assert sum(column(result, "opened")) == Ticket.objects.count()


def check_files(helpdesk, analysis: dict) -> None:
    svg, png = helpdesk.get(analysis["charts"]["svg"]), helpdesk.get(analysis["charts"]["png"])
    assert b"<svg" in svg.content[:2000]
    assert png.content.startswith(b"\x89PNG")
    table = helpdesk.get(analysis["csv"]).content.decode().splitlines()
    assert len(table) == len(analysis["result"]["rows"]) + 1


@pytest.mark.django_db
def test_api_times_are_utc_in_any_campus_time_zone(helpdesk):
    ticket = make_ticket("closed")
    shown = helpdesk.api("GET", f"tickets/{ticket.pk}/").json()
    ticket.refresh_from_db()
    for name in ("opened_at", "modified_at", "closed_at"):
        assert shown[name].endswith("Z")
        assert datetime.fromisoformat(shown[name]) == getattr(ticket, name)


def make_long_result() -> AnalysisResult:
    """As many rows as allowed, more than 3 MiB of them."""
    rows = [[f"{number} {'a' * 300}", number / 7] for number in range(MAX_ROWS)]
    return AnalysisResult.from_json(result_text(rows=rows))


@pytest.mark.django_db(transaction=True)
def test_largest_allowed_result_is_accepted(live_server):
    analysis, result = make_running(), make_long_result()
    room = MAX_UPLOAD - len(result.to_json()) - len(SVG)
    png = make_png(size=room)
    settings = Settings("redis://none/0", django_settings.SERVICE_KEY, f"{live_server.url}/api/v1/", Path())
    with HelpdeskApi(settings) as api:
        api.send_result(str(analysis.pk), 1, result, SVG, png)
    analysis.refresh_from_db()
    assert (analysis.state, analysis.result) == ("done", result.to_dict())
    assert len(analysis.chart.png) == room


@contextmanager
def tickets_locked() -> Iterator[None]:
    """All readers of tickets wait, so an analysis that has started does not continue."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE tickets_ticket IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        other.rollback()
        other.close()


@pytest.mark.django_db(transaction=True)
class TestWithWorker:
    def test_three_analyses_are_computed(self, worker, helpdesk):
        make_campus()
        requested = [
            (request(helpdesk, service="unresolved", period="30d"), check_unresolved),
            (request(helpdesk, service="active-by-category"), check_active),
            (request(helpdesk, service="resolution-time"), check_resolution),
        ]
        for analysis, check in requested:
            done = wait_for(helpdesk, analysis, "done")
            check(done["result"])
            check_files(helpdesk, done)
            assert done["attempts"] == 1
            assert done["result"]["lineage"]["rows_read"] == 18

    def test_cancelled_analysis_stays_cancelled_and_the_worker_continues(self, worker, helpdesk):
        with tickets_locked():
            analysis = request(helpdesk, service="active-by-category", is_fresh=True)
            wait_for(helpdesk, analysis, "running")
            assert helpdesk.api("POST", f"analyses/{analysis['id']}/cancel/").status_code == 200
        wait_until(lambda: f"{analysis['id']} attempt 1 has been lost" in worker.read_text(), SECONDS)
        wait_for(helpdesk, request(helpdesk, service="active-by-category", is_fresh=True), "done")
        assert fetch(helpdesk, analysis)["state"] == "cancelled"


@pytest.mark.django_db(transaction=True)
class TestFailures:
    def test_killed_worker_and_emptied_broker_lose_no_analysis(
        self, live_server, valkey, helpdesk, settings, tmp_path
    ):
        settings.ANALYSIS_LEASE_SECONDS = 2
        log = tmp_path / "worker.log"
        with worker_process(live_server.url, log) as process, tickets_locked():
            analysis = request(helpdesk, service="active-by-category", is_fresh=True)
            wait_for(helpdesk, analysis, "running")
            kill(process)
        valkey.flushdb()
        with worker_process(live_server.url, log):
            wait_until(lambda: reconcile() and fetch(helpdesk, analysis)["state"] == "done", SECONDS)
        assert fetch(helpdesk, analysis)["attempts"] == 2
