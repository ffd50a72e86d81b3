"""The database responds but refuses: it accepts no changes, or a page of it is damaged. Pages, API and
monitoring report this."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from tests.support.chaos.clients import HelpdeskClient, retry_until_success
from tests.support.chaos.site import Site

TYPED = "The lamp over the stairs of the library flickers since Monday"
END_OTHER_SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = user"
)

pytestmark = pytest.mark.fault_fast


@contextmanager
def read_only(site: Site) -> Iterator[None]:
    """As a standby that has not been promoted yet."""
    site.query("ALTER DATABASE helpdesk SET default_transaction_read_only = on")
    site.query(END_OTHER_SESSIONS)
    try:
        yield
    finally:
        site.query(
            "SET transaction_read_only = off; ALTER DATABASE helpdesk RESET default_transaction_read_only"
        )
        site.query(END_OTHER_SESSIONS)


def writes(person: HelpdeskClient, ticket: int) -> dict[str, Callable[[], httpx.Response]]:
    return {
        "report": lambda: person.post("/tickets/new/", description=TYPED, building="", room="", key="k"),
        "message": lambda: person.post(f"/tickets/{ticket}/messages/", body=TYPED, key="k"),
        "move": lambda: person.post(f"/desk/tickets/{ticket}/activate/"),
        "entrance": lambda: person.post("/enter/", role="user", name=""),
        "API report": lambda: person.open(TYPED),
        "API message": lambda: person.message(ticket, TYPED),
        "API edit": lambda: person.edit(ticket, 1, description=TYPED),
        "analysis": lambda: person.analyse(),
    }


def reads(person: HelpdeskClient, ticket: int) -> dict[str, Callable[[], httpx.Response]]:
    paths = ("/", "/tickets/", f"/tickets/{ticket}/", "/desk/", "/api/v1/tickets/", "/desk/analytics/")
    return {path: lambda path=path: person.get(path) for path in paths}


def test_database_away_read_only_is_reported_and_reads_work(site):
    person = HelpdeskClient(site.url, "helpdesk", "Hedda").enter()
    ticket = person.open("The tap drips").json()["id"]
    person.get("/desk/")
    with read_only(site):
        read = {name: retry_until_success(send).status_code for name, send in reads(person, ticket).items()}
        refused = {name: send() for name, send in writes(person, ticket).items()}
        ready = person.get("/readyz")
        metrics = person.get("/metrics").text
    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(refused, 503)
    for name, answer in refused.items():
        assert "is read-only at the moment" in answer.text, name
        assert "Retry-After" in answer.headers, name
    assert TYPED in refused["report"].text
    assert read == dict.fromkeys(read, 200)
    reported = {name: ready.json()[name] for name in ("status", "db", "db_writable", "db_intact")}
    assert reported == {"status": "degraded", "db": True, "db_writable": False, "db_intact": True}
    assert ready.status_code == 200
    assert "helpdesk_database_writable 0.0" in metrics
    assert retry_until_success(lambda: person.open(TYPED)).status_code == 201
    assert site.readiness()["db_writable"] is True


def damage_pages(site: Site, table: str) -> None:
    ((path,),) = site.query(f"SELECT pg_relation_filepath('{table}')")
    site.database.stop()
    directory = unquote(urlsplit(site.environment()["DATABASE_URL"]).hostname or "")
    file = Path(directory) / "data" / path
    pages = bytearray(file.read_bytes())
    for start in range(0, len(pages), 8192):
        pages[start + 8000] ^= 1
    file.write_bytes(pages)
    site.database.start()


def test_database_away_damaged_page_is_reported(make_site):
    site = make_site(processes=1)
    site.start("database", "web")
    person = HelpdeskClient(site.url, "user", "Ursula").enter()
    ticket = person.open(TYPED).json()["id"]
    assert site.readiness()["db_intact"] is True
    damage_pages(site, "tickets_ticket")
    for path in ("/tickets/", f"/tickets/{ticket}/", f"/api/v1/tickets/{ticket}/"):
        answer = person.get(path)
        assert answer.status_code == 503, path
        assert "Part of the stored data is unreadable" in answer.text
        assert "Retry-After" in answer.headers
    ready = person.get("/readyz")
    reported = {name: ready.json()[name] for name in ("status", "db", "db_writable", "db_intact")}
    assert reported == {"status": "degraded", "db": True, "db_writable": True, "db_intact": False}
    assert ready.status_code == 200
