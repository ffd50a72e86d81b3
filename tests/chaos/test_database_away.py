"""The database is gone, or hangs: everybody is told soon, nobody sees a trace, nothing typed is lost."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest

from tests.support.chaos.clients import HelpdeskClient, insist
from tests.support.chaos.site import Site

TYPED = "The lamp over the stairs of the library flickers since Monday"
SOON = 4.0  # seconds, if the database is gone
BOUNDED = 30.0  # if it hangs: statement_timeout and some overhead


def asks(person: HelpdeskClient, ticket: int) -> dict[str, Callable[[], httpx.Response]]:
    """One of each kind of request."""
    form = {"description": TYPED, "building": "Library", "room": "", "key": "k"}
    return {
        "list": lambda: person.get("/tickets/"),
        "ticket": lambda: person.get(f"/tickets/{ticket}/"),
        "report": lambda: person.post("/tickets/new/", **form),
        "message": lambda: person.post(f"/tickets/{ticket}/messages/", body=TYPED, key="k"),
        "desk": lambda: person.get("/desk/"),
        "api list": lambda: person.api("GET", "tickets/"),
        "api report": lambda: person.open(TYPED, key="k"),
        "door": lambda: person.post("/enter/", role="user", name=""),
    }


def judge(kind: str, answer: httpx.Response) -> list[str]:
    """What is wrong with a refusal."""
    told = [
        "status" if answer.status_code != 503 else "",
        "trace" if "Traceback" in answer.text or "psycopg" in answer.text else "",
        "when to try again" if "Retry-After" not in answer.headers else "",
        "its id" if answer.headers.get("X-Request-ID", "none") not in answer.text else "",
        "no-store" if answer.headers.get("Cache-Control") != "no-store" else "",
        "what was typed" if kind in ("report", "message") and TYPED not in answer.text else "",
    ]
    return [f"{kind}: {fault} ({answer.status_code})" for fault in told if fault]


def refused(person: HelpdeskClient, ticket: int, count: int, pause: float) -> tuple[list[str], float]:
    """Errors of `count` requests of all kinds, four at once, and the seconds of the slowest one."""
    kinds = list(asks(person, ticket).items())

    def ask_one(number: int) -> tuple[list[str], float]:
        kind, ask = kinds[number % len(kinds)]
        began = time.monotonic()
        answer = ask()
        seconds = time.monotonic() - began
        time.sleep(pause)  # between two requests of one person, so that the outage takes its time
        return judge(kind, answer), seconds

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(ask_one, range(count)))
    return [fault for faults, _ in told for fault in faults], max(seconds for _, seconds in told)


@contextmanager
def stopped(site: Site):
    site.database.stop_immediately()
    try:
        yield
    finally:
        site.database.start()


@contextmanager
def swallowed(site: Site):
    """Packets are sent and nothing comes back, as behind a firewall that forgot the connection."""
    site.wires["web-database"].set("blackhole")
    try:
        yield
    finally:
        site.wires["web-database"].set("pass")


def check_away(
    site: Site, away: Callable[[Site], AbstractContextManager], count: int, pause: float = 0
) -> tuple:
    """Errors and slowest refusal, liveness and readiness meanwhile, the first response afterwards."""
    person = HelpdeskClient(site.url, "helpdesk", "Hedda", timeout=60).enter()
    ticket = person.open("The tap drips").json()["id"]
    with away(site):
        faults, slowest = refused(person, ticket, count, pause)
        live = person.get("/healthz")
        ready = person.get("/readyz")
    first = person.get("/tickets/").status_code
    assert insist(lambda: person.get(f"/tickets/{ticket}/")).status_code == 200
    return faults, slowest, live, ready, first


def tell(figures, what: str, count: int, limit: float, seen: tuple) -> None:
    faults, slowest, live, ready, first = seen
    print(*faults, sep="\n")
    figures.record(
        "database_away", f"{what}: wrong of {count} refusals", len(faults), goal="0", is_met=not faults
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
        f"{what}: live, ready, first answer after",
        states,
        goal="(200, 503, 200)",
        is_met=states == (200, 503, 200),
    )


@pytest.mark.fault_fast
def test_database_away_is_reported_soon_and_nothing_typed_is_lost(site, amount, figures):
    count, seconds = amount(8, 100), amount(0, 20)
    tell(figures, "gone", count, SOON, check_away(site, stopped, count, 4 * seconds / count))


@pytest.mark.fault_fast
def test_database_away_hung_is_reported_in_bounded_time(site, amount, figures):
    count = amount(4, 24)
    tell(figures, "frozen", count, BOUNDED, check_away(site, lambda site: site.database.frozen(), count))


@pytest.mark.fault_full
def test_database_away_behind_a_silent_network_is_reported_in_bounded_time(make_site, amount, figures):
    site = make_site(wires=("web-database",))
    site.start("database", "broker", "web")
    tell(figures, "swallowed", 24, BOUNDED, check_away(site, swallowed, 24))


@pytest.mark.fault_full
def test_database_away_for_all_threads_leaves_the_web_working_afterwards(make_site, figures):
    """More requests than threads hang; live answers as soon as one of them is told."""
    site = make_site(processes=1)
    site.start("database", "broker", "web")
    clients = [HelpdeskClient(site.url, "user", "Ursula", timeout=120).enter() for _ in range(6)]
    with ThreadPoolExecutor(len(clients)) as pool, site.database.frozen():
        began = time.monotonic()
        statuses = list(pool.map(lambda person: person.get("/tickets/").status_code, clients))
        seconds = time.monotonic() - began
    figures.record(
        "database_away",
        "6 people at 4 threads, the last is told after s",
        f"{seconds:.1f}",
        goal=f"<= {2 * BOUNDED:.0f}",
        is_met=seconds <= 2 * BOUNDED,
    )
    assert set(statuses) == {503}
    assert clients[0].get("/tickets/").status_code == 200
