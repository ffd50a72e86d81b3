"""Forged requests: whoever forges one, with whatever role in the browser's session, changes nothing."""

from itertools import product

import pytest
from django.conf import settings
from django.test import Client

from tests.support.audience import ROUTES
from tests.support.chaos.forgeries import HERE, Forged, Step, Victim, list_steps, make_forgeries, send
from tests.support.chaos.tables import digest, undone
from tests.support.clients import enter
from tests.support.routes import SampleRows, find_address, list_routes, make_sample_rows

pytestmark = [pytest.mark.fault_fast, pytest.mark.django_db]
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
REFUSED = (401, 403, 404, 405)
# Answers every method like a GET, as the admin's lists and read-only pages do.
TAKES_ANYTHING = {"readyz", "metrics"}


def cookies_of(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


def come_without_a_role() -> Victim:
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
    return inside | {"nobody": come_without_a_role()}


@pytest.fixture
def forger() -> Victim:
    return come_without_a_role()


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


def test_forged_requests_are_accepted_once_everything_is_right(rows, victims):
    """Or the test above would prove nothing: each deed, unforged, changes a row."""
    before, inert = digest(), []
    victim = victims["helpdesk"]
    right = Forged(victim.token, {"Origin": HERE})
    patterns = dict(list_routes())
    for name, step in list_steps(rows).items():
        address = find_address(name, patterns[name], rows)
        with undone():
            status = send(victim, address, step, right).status_code
            has_changed = digest() != before
        if status not in (200, 201, 202, 302) or has_changed != step.is_remembered:
            inert.append((name, status, has_changed))
    assert inert == []


def test_forged_requests_cover_every_route_that_accepts_one(rows, victims):
    """A route that answers anything but "not here" to an unsafe method stands in the table."""
    victim, before = victims["helpdesk"], digest()
    right = Forged(victim.token, {"Origin": HERE})
    takers = set()
    for name, pattern in list_routes():
        if name in list_steps(rows):
            continue
        address = find_address(name, pattern, rows)
        steps = [Step(method, is_json=address.startswith("/api/")) for method in UNSAFE]
        if not {send(victim, address, step, right).status_code for step in steps} <= set(REFUSED):
            takers.add(name)
    assert {name for name in takers if not name.startswith("admin:")} <= TAKES_ANYTHING
    assert digest() == before


def test_forged_requests_that_read_change_nothing(rows, victims, figures):
    """Every route, read in every way, also by a caller inside: a picture's address can do no harm."""
    before, asked, changed = digest(), 0, []
    for (name, pattern), caller in product(list_routes(), ("helpdesk", "nobody")):
        for method in ("GET", "HEAD", "OPTIONS", "TRACE"):
            send(victims[caller], find_address(name, pattern, rows), Step(method), Forged())
            asked += 1
        if digest() != before:
            changed.append((name, caller))
            before = digest()
    figures.record(
        "forged_requests", "state changes by reading", len(changed), goal="0", is_met=changed == []
    )
    assert asked == 8 * len(list_routes())


def test_forged_requests_with_the_token_of_another_session_are_refused(rows, victims, forger):
    """The forger's own cookie and token are a pair, and worth nothing without the role in the session."""
    client = Client(enforce_csrf_checks=True)
    client.cookies.load(forger.cookies)
    headers = {"X-CSRFToken": forger.token}
    assert client.post("/desk/analytics/", headers=headers).status_code == 302
    assert client.post("/api/v1/tickets/", headers=headers).status_code == 401
    assert settings.CSRF_TRUSTED_ORIGINS == []
