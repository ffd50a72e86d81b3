"""The exact headers of every response: every route, every caller, every error, with and without TLS."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from campus_helpdesk.configuration.environment import Rate
from tests.support.clients import enter
from tests.support.factories import make_ticket
from tests.support.headers import CSP, EVERYWHERE, HSTS
from tests.support.routes import find_address, list_routes, make_sample_rows

SVG_CSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
OF_PICTURES = {"image/svg+xml": SVG_CSP, "image/jpeg": "sandbox; default-src 'none'; frame-ancestors 'none'"}
ROOT = Path(__file__).parent.parent


def parse_policy(policy: str) -> dict[str, set[str]]:
    return {name: set(sources) for name, *sources in (part.split() for part in policy.split(";"))}


def find_faults(
    response: HttpResponse, *, policy: str = CSP, is_dynamic: bool = True, hsts: str = ""
) -> list:
    """What is wrong with the headers of a response."""
    wanted = EVERYWHERE | ({"Cache-Control": "no-store"} if is_dynamic else {})
    wanted |= {"Strict-Transport-Security": hsts} if hsts else {}
    faults = [(name, response.get(name)) for name, value in wanted.items() if response.get(name) != value]
    if parse_policy(response.get("Content-Security-Policy", "none")) != parse_policy(policy):
        faults.append(("Content-Security-Policy", response.get("Content-Security-Policy")))
    if is_dynamic and "Cookie" not in response.get("Vary", "").split(", "):
        faults.append(("Vary", response.get("Vary")))
    unwanted = [name for name in response.headers if name.lower().startswith("access-control-")]
    unwanted += [name for name in ("Server", "X-Powered-By") if name in response.headers]
    if not hsts and "Strict-Transport-Security" in response.headers:
        unwanted.append("Strict-Transport-Security")
    return faults + unwanted


def policy_of(response: HttpResponse) -> str:
    return OF_PICTURES.get(response.get("Content-Type", ""), CSP)


def test_file_name_of_a_download_contains_no_input(nobody):
    responses = [nobody.get(f"/api/schema/{query}") for query in ("", "?version=a%22,b")]
    assert {response["Content-Disposition"] for response in responses} == {
        'inline; filename="Campus Helpdesk (v1).yaml"'
    }


@pytest.mark.parametrize("role", ["nobody", "user", "helpdesk"])
def test_every_route_has_every_header(db, role):
    """Each route, read and written to without a token, by each caller."""
    rows = make_sample_rows()
    client = Client(enforce_csrf_checks=True) if role == "nobody" else enter(role).client
    faults = {}
    for name, pattern in list_routes():
        for method in ("GET", "HEAD", "OPTIONS", "POST", "DELETE"):
            address = find_address(name, pattern, rows)
            response = client.generic(method, address, headers={"Origin": "https://elsewhere.example"})
            found = find_faults(response, policy=policy_of(response))
            if found:
                faults[method, name, response.status_code] = found
    assert faults == {}


def test_rate_limited_response_has_every_header(user, settings):
    settings.RATE_LIMITS, settings.RATES = True, {**settings.RATES, "ticket": Rate(1, 1)}
    user.api("POST", "tickets/", {"description": "The tap drips"})
    responses = [
        user.api("POST", "tickets/", {"description": "The tap drips"}),
        user.post("/tickets/new/", {"description": "The tap drips"}),
    ]
    assert [response.status_code for response in responses] == [429, 429]
    assert [find_faults(response) for response in responses] == [[], []]


@contextmanager
def broken_table():
    """A table that is not where the code expects it: an internal error."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE messaging_message RENAME TO lost")
        yield
        cursor.execute("ALTER TABLE lost RENAME TO messaging_message")


@contextmanager
def locked_table():
    """A database that does not respond in time."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor, connection.cursor() as own:
            cursor.execute("LOCK TABLE messaging_message IN ACCESS EXCLUSIVE MODE")
            own.execute("SET lock_timeout = 50")
            yield
            own.execute("RESET lock_timeout")
    finally:
        other.rollback()
        other.close()


ERRORS = [
    (400, "GET", "/tickets/?cursor=nonsense", {}),
    (400, "GET", "/tickets/?q=%00", {}),
    (400, "GET", "/api/v1/tickets/?nonsense=1", {}),
    (400, "GET", "/tickets/", {"Host": "elsewhere.example"}),
    (400, "GET", "/api/v1/tickets/", {"Host": "elsewhere.example"}),
    (301, "GET", "/tickets", {}),
    (403, "GET", "/desk/", {}),
    (403, "POST", "/tickets/new/", {}),
    (403, "POST", "/api/v1/tickets/", {}),
    (404, "GET", "/nowhere/", {}),
    (404, "GET", "/api/v1/nowhere/", {}),
    (404, "GET", "/static/nowhere.css", {}),
    (405, "DELETE", "/", {}),
    (405, "PUT", "/api/v1/tickets/", {}),
    (406, "GET", "/api/v1/tickets/", {"Accept": "image/png"}),
    (413, "POST", "/tickets/new/", {"Content-Length": "9000000"}),
    (413, "POST", "/api/v1/tickets/", {"Content-Length": "9000000"}),
    (415, "POST", "/api/v1/tickets/", {"Content-Type": "text/plain"}),
]


@pytest.mark.parametrize(("status", "method", "address", "headers"), ERRORS)
def test_every_client_error_has_every_header(user, status, method, address, headers):
    if status == 405 or status == 415:
        headers = headers | {"X-CSRFToken": user.token}
    response = user.client.generic(method, address, b"x" * (status in (413, 415)), headers=headers)
    assert response.status_code == status
    assert find_faults(response) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("status", "failure"), [(500, broken_table), (503, locked_table)])
@pytest.mark.parametrize("address", ["/tickets/", "/api/v1/tickets/{}/messages/"])
def test_every_server_error_has_every_header_and_no_traceback(status, failure, address):
    ticket = make_ticket()
    client = enter("user").client
    client.raise_request_exception = False
    with failure():
        response = client.get(address.format(ticket.pk))
    assert response.status_code == status
    assert find_faults(response) == []
    assert b"Traceback" not in response.content
    assert b"messaging_message" not in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_monitoring_responses_have_every_header(nobody, address):
    assert find_faults(nobody.get(address)) == []
    assert find_faults(nobody.get(address, REMOTE_ADDR="192.0.2.1")) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["campus.css", "campus.js", "campus.svg", "admin/css/base.css"])
def test_static_files_are_cacheable_and_have_every_other_header(nobody, name):
    response = nobody.get(f"/static/{name}")
    again = nobody.get(f"/static/{name}", headers={"If-Modified-Since": response["Last-Modified"]})
    assert (response.status_code, again.status_code) == (200, 304)
    for static in (response, again):
        assert find_faults(static, is_dynamic=False) == []
        assert static["Cache-Control"].startswith("max-age=")
        assert not static.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "kind"),
    [("svg", "image/svg+xml"), ("png", "image/png"), ("csv", "text/csv; charset=utf-8")],
)
def test_files_of_a_result_are_downloads(helpdesk, name, kind):
    rows = make_sample_rows()
    shown = helpdesk.api("GET", f"analyses/{rows.done.pk}/").json()
    response = helpdesk.get(shown["csv"] if name == "csv" else shown["charts"][name])
    assert response["Content-Type"] == kind
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert find_faults(response, policy=SVG_CSP if name == "svg" else CSP) == []


PROGRAM = """
import json, sys
import django; django.setup()
from django.test import Client
client = Client(enforce_csrf_checks=True)
responses = []
def record(name, response):
    cookies = [morsel.OutputString() for morsel in response.cookies.values()]
    responses.append([name, response.status_code, dict(response.headers), cookies])
def send(method, address, **form):
    if method == "POST":
        form["csrfmiddlewaretoken"] = client.cookies["__Host-csrftoken"].value
        headers = {"Referer": "https://localhost/", "Host": "localhost"}
        return client.post(address, form, secure=True, headers=headers)
    return client.get(address, secure="plain" not in form, headers={"Host": "localhost"})
for name, method, address, form in json.load(sys.stdin):
    record(name, send(method, address, **form))
print(json.dumps(responses))
"""


@pytest.fixture
def over_tls(transactional_db):
    """Responses of a site in TLS mode: name -> status, headers, cookies as sent."""
    visit = [
        ("entrance", "GET", "/", {}),
        ("enter", "POST", "/enter/", {"role": "helpdesk"}),
        ("queue", "GET", "/desk/", {}),
        ("api", "GET", "/api/v1/tickets/", {}),
        ("theme", "POST", "/theme/", {"theme": "dark", "next": "/desk/"}),
        ("report", "POST", "/tickets/new/", {"description": "The tap drips"}),
        ("static", "GET", "/static/campus.css", {}),
        ("missing", "GET", "/nowhere/", {}),
        ("leave", "POST", "/leave/", {}),
        ("plain page", "GET", "/desk/", {"plain": 1}),
        ("plain API", "GET", "/api/v1/tickets/", {"plain": 1}),
    ]
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    if "?" in os.environ["DATABASE_URL"]:
        url += "?" + os.environ["DATABASE_URL"].partition("?")[2]
    environment = os.environ | {
        "TLS": "1",
        "TRUSTED_PROXIES": "192.0.2.1",
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings",
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        input=json.dumps(visit),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    return {name: response for name, *response in json.loads(run.stdout)}


def as_response(status: int, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(status=status, headers=headers)


def test_with_tls_responses_require_tls_and_cookies_are_bound_to_the_host(over_tls):
    for name, (status, headers, _) in over_tls.items():
        response = as_response(status, headers)
        hsts = "" if name.startswith("plain") else HSTS  # a header that counts over TLS only
        assert find_faults(response, is_dynamic=name != "static", hsts=hsts) == [], name
    lines = {name: cookies for name, (_, _, cookies) in over_tls.items()}
    session, token = sorted(lines["enter"], reverse=True)
    assert parse_cookie(session, "__Host-sessionid") == {"secure", "httponly", "samesite=lax", "path=/"}
    assert parse_cookie(token, "__Host-csrftoken") == {"secure", "samesite=lax", "path=/"}
    theme = parse_cookie(lines["theme"][0], "__Host-theme")
    assert {"secure", "httponly", "samesite=lax", "path=/", "max-age=31536000"} <= theme
    assert not any(part.startswith("domain") for part in theme)
    browser = parse_cookie(lines["report"][0], "__Host-campus_browser")
    assert {"secure", "httponly", "samesite=lax", "path=/", "max-age=7776000"} <= browser
    assert [over_tls[name][0] for name in ("entrance", "enter", "queue", "leave")] == [200, 302, 200, 302]
    assert [over_tls[name][0] for name in ("plain page", "plain API")] == [301, 403]
    gone = next(line for line in lines["leave"] if line.startswith("__Host-sessionid="))
    assert {"secure", "path=/", "max-age=0"} <= parse_cookie(gone, "__Host-sessionid")


def parse_cookie(line: str, name: str) -> set[str]:
    """The attributes of a cookie, which must be this one and must have a value."""
    pair, *attributes = line.split("; ")
    assert pair.partition("=")[0] == name
    return {attribute.lower() for attribute in attributes}
