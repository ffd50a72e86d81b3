"""The database is gone, or hangs: refusals come soon and without a traceback, and nothing typed is lost."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest

from tests.support.chaos.clients import HelpdeskClient, retry_until_success
from tests.support.chaos.site import Site

TYPED = "The lamp over the stairs of the library flickers since Monday"
SOON = 4.0  # seconds, if the database is gone
BOUNDED = 30.0  # if it hangs: statement_timeout and some overhead


def list_requests(person: HelpdeskClient, ticket: int) -> dict[str, Callable[[], httpx.Response]]:
    """One request of each kind."""
    form = {"description": TYPED, "building": "Library", "room": "", "key": "k"}
    return {
        "list": lambda: person.get("/tickets/"),
        "ticket": lambda: person.get(f"/tickets/{ticket}/"),
        "report": lambda: person.post("/tickets/new/", **form),
        "message": lambda: person.post(f"/tickets/{ticket}/messages/", body=TYPED, key="k"),
        "desk": lambda: person.get("/desk/"),
        "api list": lambda: person.api("GET", "tickets/"),
        "api report": lambda: person.open(TYPED, key="k"),
        "entrance": lambda: person.post("/enter/", role="user", name=""),
    }


def find_errors(kind: str, answer: httpx.Response) -> list[str]:
    """What is wrong with a refusal."""
    errors = [
        "status" if answer.status_code != 503 else "",
        "traceback" if "Traceback" in answer.text or "psycopg" in answer.text else "",
        "when to try again" if "Retry-After" not in answer.headers else "",
        "its id" if answer.headers.get("X-Request-ID", "none") not in answer.text else "",
        "no-store" if answer.headers.get("Cache-Control") != "no-store" else "",
        "what was typed" if kind in ("report", "message") and TYPED not in answer.text else "",
    ]
    return [f"{kind}: {error} ({answer.status_code})" for error in errors if error]


def check_refusals(person: HelpdeskClient, ticket: int, count: int, pause: float) -> tuple[list[str], float]:
    """Errors of `count` requests of all kinds, four at once, and the seconds of the slowest one."""
    requests = list(list_requests(person, ticket).items())

    def send_one(number: int) -> tuple[list[str], float]:
        kind, send = requests[number % len(requests)]
        began = time.monotonic()
        answer = send()
        seconds = time.monotonic() - began
        time.sleep(pause)  # so that the requests are spread over the outage
        return find_errors(kind, answer), seconds

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(send_one, range(count)))
    return [error for errors, _ in results for error in errors], max(seconds for _, seconds in results)


@contextmanager
def stopped(site: Site):
    site.database.stop_immediately()
    try:
        yield
    finally:
        site.database.start()


@contextmanager
def dropping_packets(site: Site):
    """Packets are sent and nothing comes back, as behind a firewall that has dropped the connection."""
    site.proxies["web-database"].set("blackhole")
    try:
        yield
    finally:
        site.proxies["web-database"].set("pass")


def check_away(
    site: Site, away: Callable[[Site], AbstractContextManager], count: int, pause: float = 0
) -> tuple:
    """Errors and slowest refusal, /healthz and /readyz during the outage, the first response afterwards."""
    person = HelpdeskClient(site.url, "helpdesk", "Hedda", timeout=60).enter()
    ticket = person.open("The tap drips").json()["id"]
    with away(site):
        errors, slowest = check_refusals(person, ticket, count, pause)
        live = person.get("/healthz")
        ready = person.get("/readyz")
    first = person.get("/tickets/").status_code
    assert retry_until_success(lambda: person.get(f"/tickets/{ticket}/")).status_code == 200
    return errors, slowest, live, ready, first


def record(figures, what: str, count: int, limit: float, found: tuple) -> None:
    errors, slowest, live, ready, first = found
    print(*errors, sep="\n")
    figures.record(
        "database_away", f"{what}: wrong of {count} refusals", len(errors), goal="0", is_met=not errors
    )
    figures.record(
        "database_away",
        f"{what}: slowest refusal, s",
        f"{slowest:.2f}",
        goal=f"<= {limit:.0f}",
        is_met=slowest <= limit,
    )
    states = (live.status_code, ready.status_code, first)
    figures.record(
        "database_away",
        f"{what}: /healthz, /readyz, first response after",
        states,
        goal="(200, 503, 200)",
        is_met=states == (200, 503, 200),
    )


@pytest.mark.fault_fast
def test_database_away_is_reported_soon_and_nothing_typed_is_lost(site, amount, figures):
    count, seconds = amount(8, 100), amount(0, 20)
    record(figures, "gone", count, SOON, check_away(site, stopped, count, 4 * seconds / count))


@pytest.mark.fault_fast
def test_database_away_hung_is_reported_in_bounded_time(site, amount, figures):
    count = amount(4, 24)
    record(figures, "frozen", count, BOUNDED, check_away(site, lambda site: site.database.frozen(), count))


@pytest.mark.fault_full
def test_database_away_behind_a_silent_network_is_reported_in_bounded_time(make_site, amount, figures):
    site = make_site(proxies=("web-database",))
    site.start("database", "broker", "web")
    record(figures, "packets dropped", 24, BOUNDED, check_away(site, dropping_packets, 24))


@pytest.mark.fault_full
def test_database_away_for_all_threads_leaves_the_web_working_afterwards(make_site, figures):
    """More requests hang than there are threads; all get a 503, and the site works afterwards."""
    site = make_site(processes=1)
    site.start("database", "broker", "web")
    clients = [HelpdeskClient(site.url, "user", "Ursula", timeout=120).enter() for _ in range(6)]
    with ThreadPoolExecutor(len(clients)) as pool, site.database.frozen():
        began = time.monotonic()
        statuses = list(pool.map(lambda person: person.get("/tickets/").status_code, clients))
        seconds = time.monotonic() - began
    figures.record(
        "database_away",
        "6 clients at 4 threads, last response after, s",
        f"{seconds:.1f}",
        goal=f"<= {2 * BOUNDED:.0f}",
        is_met=seconds <= 2 * BOUNDED,
    )
    assert set(statuses) == {503}
    assert clients[0].get("/tickets/").status_code == 200
