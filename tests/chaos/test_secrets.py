"""On real processes: only the proxy's sign-on headers are trusted, and no secret is stored or logged."""

import re
import secrets
from pathlib import Path

import httpx
import pytest

from tests.support.chaos.clients import HelpdeskClient, wait_done
from tests.support.chaos.directories import KEYS
from tests.support.chaos.site import Site

PROXY_SECRET = secrets.token_urlsafe(48)
TOKEN = re.compile(rb"eyJ[\w-]{8,}\.[\w-]+|bearer", re.IGNORECASE)  # a JWT begins with this


@pytest.fixture
def signing(make_site) -> Site:
    environment = {"ROLE_SOURCE": "proxy", "PROXY_SECRET": PROXY_SECRET, "TRUSTED_PROXIES": "127.0.0.1"}
    site = make_site(processes=1, environment=environment)
    site.start("database", "broker", "web")
    return site


@pytest.mark.fault_fast
def test_access_rules_for_role_headers_received_by_gunicorn(signing: Site, figures):
    secret, role = ("X-Campus-Secret", PROXY_SECRET), ("X-Campus-Role", "helpdesk")
    accepted = [[secret, role], [("x-campus-SECRET", PROXY_SECRET), ("x-campus-role", "helpdesk")]]
    refused = [
        [],
        [role],
        [secret],
        [secret, role, role],
        [secret, ("X-Campus-Role", "user"), role],
        [secret, secret, role],
        [secret, ("X-Campus-Role", "")],
        [secret, ("X_Campus_Role", "helpdesk")],
        [secret, ("X-Campus_Role", "helpdesk")],
        [("X-Campus-Secret", PROXY_SECRET + "x"), role],
        [secret, role, ("X-Forwarded-For", "192.0.2.7"), ("Connection", "X-Campus-Role"), role],
    ]
    wrong = [
        headers
        for headers in accepted
        if httpx.get(f"{signing.url}/desk/", headers=headers).status_code != 200
    ]
    for headers in refused:
        for path in ("/desk/", "/tickets/", "/api/v1/tickets/"):
            if httpx.get(signing.url + path, headers=headers).status_code != 401:
                wrong.append(headers)
    figures.record(
        "access_rules", "sign-on headers wrongly trusted or refused", len(wrong), goal="0", is_met=not wrong
    )
    assert PROXY_SECRET not in signing.web.log


@pytest.mark.fault_full
def test_no_secrets_left_in_rows_messages_or_logs(make_site, figures):
    """After an analysis and an invalid token, reads everything that was written."""
    site = make_site(processes=1)
    site.start()
    helpdesk = HelpdeskClient(site.url, "helpdesk", "Hedda").enter()
    helpdesk.open("The tap drips")
    analysis = helpdesk.analyse().json()["id"]
    wait_done(helpdesk, analysis)
    assert helpdesk.api("GET", "facts/", Authorization="Bearer eyJhbGciOiJIUzI1NiJ9.e30.x").status_code == 401
    cookie = helpdesk.http.cookies["sessionid"].encode()
    written = read_files(site.folder, "log/*") | read_files(site.folder, "valkey/**/*") | read_rows(site)
    assert analysis.encode() in written["rows"]
    assert any(
        analysis.encode() in content for name, content in written.items() if name.startswith("valkey/")
    )
    keys = [key.encode() for key in KEYS.values()]
    found = [
        name
        for name, content in written.items()
        if TOKEN.search(content) or any(key in content for key in keys)
    ]
    found += [name for name, content in written.items() if cookie in content and name != "sessions"]
    figures.record(
        "no_secrets_left",
        "files and tables with a token or a key",
        len(found),
        goal=f"0 of {len(written)}",
        is_met=not found,
    )


def read_files(folder: Path, pattern: str) -> dict[str, bytes]:
    files = [path for path in folder.glob(pattern) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def read_rows(site: Site) -> dict[str, bytes]:
    """Every row of every table as text; sessions separately, because their rows contain the cookie's key."""
    tables = [name for (name,) in site.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    rows = {name: repr(site.query(f'SELECT t::text FROM "{name}" t')).encode() for name in tables}
    return {"sessions": rows.pop("django_session"), "rows": b"\n".join(rows.values())}
