"""Forged requests change nothing, no matter which role the victim's session has."""

from itertools import product

import pytest
from django.conf import settings
from django.test import Client

from tests.support.audience import ROUTES
from tests.support.chaos.forgeries import OWN_SITE, Forged, Step, Victim, list_steps, make_forgeries, send
from tests.support.chaos.tables import digest, rolled_back
from tests.support.clients import enter
from tests.support.routes import SampleRows, find_address, list_routes, make_sample_rows

pytestmark = [pytest.mark.fault_fast, pytest.mark.django_db]
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
REFUSED = (401, 403, 404, 405)
# These treat every method like GET, as the admin's lists and read-only pages do.
ANY_METHOD = {"readyz", "metrics"}
# A step has no file: a request without one is a 400.
TAKES_A_FILE = {"photos:upload", "link:upload", "attachments"}


def cookies_of(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


def visit_without_role() -> Victim:
    client = Client(enforce_csrf_checks=True)
    client.get("/")
    return Victim(cookies_of(client))


@pytest.fixture
def rows(caplog) -> SampleRows:
    caplog.set_level("ERROR", "django.security.csrf")  # thousands of refusals are expected
    return make_sample_rows()


@pytest.fixture
def victims(rows) -> dict[str, Victim]:
    inside = {role: Victim(cookies_of(enter(role).client)) for role in ("helpdesk", "user")}
    return inside | {"nobody": visit_without_role()}


@pytest.fixture
def forger() -> Victim:
    return visit_without_role()


def test_forged_requests_change_nothing(rows, victims, forger, amount, figures):
    """Every route x method x caller x forgery; in `make test` with the method that it takes, or POST."""
    steps, before = list_steps(rows), digest()
    routes, callers = list_routes(), list(victims)[:: amount(2, 1)]
    sent, taken, changed = 0, [], []
    for (name, pattern), caller in product(routes, callers):
        address = find_address(name, pattern, rows)
        step = steps.get(name, Step("POST", {"description": "Forged"}))
        methods = amount([step.method], UNSAFE)
        forgeries = make_forgeries(victims[caller], forger)
        for method, (forgery, forged) in product(methods, forgeries.items()):
            request = Step(method, step.body, step.headers, step.is_json)
            status = send(victims[caller], address, request, forged).status_code
            sent += 1
            if status not in REFUSED:
                taken.append((name, method, caller, forgery, status))
        if digest() != before:
            changed.append((name, caller))
            before = digest()
    is_whole = {name for name, _ in routes} > set(ROUTES)
    figures.record(
        "forged_requests", "routes attacked, each with 8 forgeries", len(routes), goal="all", is_met=is_whole
    )
    figures.record("forged_requests", "forged requests", sent, goal="all refused", is_met=taken == [])
    figures.record(
        "forged_requests", "state changes by forged requests", len(changed), goal="0", is_met=changed == []
    )


def test_forged_requests_without_the_forgery_are_accepted(rows, victims):
    """Otherwise the test above would prove nothing: each step, unforged, changes a row."""
    before, inert = digest(), []
    victim = victims["helpdesk"]
    genuine = Forged(victim.token, {"Origin": OWN_SITE})
    patterns = dict(list_routes())
    for name, step in list_steps(rows).items():
        address = find_address(name, patterns[name], rows)
        with rolled_back():
            status = send(victim, address, step, genuine).status_code
            has_changed = digest() != before
        if status not in (200, 201, 202, 302) or has_changed != step.is_recorded:
            inert.append((name, status, has_changed))
    assert inert == []


def test_forged_requests_cover_every_route_that_accepts_one(rows, victims):
    """Every route that does not refuse unsafe methods is in the table."""
    victim, before = victims["helpdesk"], digest()
    genuine = Forged(victim.token, {"Origin": OWN_SITE})
    missing = set()
    for name, pattern in list_routes():
        if name in list_steps(rows):
            continue
        address = find_address(name, pattern, rows)
        steps = [Step(method, is_json=address.startswith("/api/")) for method in UNSAFE]
        if not {send(victim, address, step, genuine).status_code for step in steps} <= set(REFUSED):
            missing.add(name)
    assert {name for name in missing if not name.startswith("admin:")} <= ANY_METHOD | TAKES_A_FILE
    assert digest() == before


def test_forged_requests_with_safe_methods_change_nothing(rows, victims, figures):
    """Every route with every safe method, with and without a role: no image address can change anything."""
    before, sent, changed = digest(), 0, []
    for (name, pattern), caller in product(list_routes(), ("helpdesk", "nobody")):
        for method in ("GET", "HEAD", "OPTIONS", "TRACE"):
            send(victims[caller], find_address(name, pattern, rows), Step(method), Forged())
            sent += 1
        if digest() != before:
            changed.append((name, caller))
            before = digest()
    figures.record(
        "forged_requests", "state changes by reading", len(changed), goal="0", is_met=changed == []
    )
    assert sent == 8 * len(list_routes())


def test_forged_requests_with_the_token_of_another_session_are_refused(rows, victims, forger):
    """The forger's own cookie and token match, but grant nothing without a role in the session."""
    client = Client(enforce_csrf_checks=True)
    client.cookies.load(forger.cookies)
    headers = {"X-CSRFToken": forger.token}
    assert client.post("/desk/analytics/", headers=headers).status_code == 302
    assert client.post("/api/v1/tickets/", headers=headers).status_code == 401
    assert settings.CSRF_TRUSTED_ORIGINS == []
