"""Every route of the site, every method, every caller: who is admitted, who is refused and how.

The table names the audience of each route. A missing route fails the test.
"""

from urllib.parse import urlencode

import pytest

from tests.support.audience import (
    AUDIENCE,
    BOTH,
    HELPDESK,
    OPEN,
    PORTAL_TICKETS,
    ROUTES,
    SERVICE,
    TICKETS,
    fill,
    snapshot,
)
from tests.support.clients import enter
from tests.support.factories import make_ticket
from tickets.models import Ticket

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def call(client, method, address):
    return client.client.generic(
        method, address, b"{}", "application/json", headers={"X-CSRFToken": client.token}
    )


def test_every_route_names_its_audience():
    assert set(ROUTES) == set(AUDIENCE)


@pytest.mark.parametrize("name", [name for name, audience in AUDIENCE.items() if audience != OPEN])
def test_without_a_role_every_method_is_refused(nobody, name):
    address = fill(ROUTES[name], make_ticket())
    before = snapshot()
    for method in METHODS:
        answer = nobody.generic(method, address, b"{}", "application/json")
        if address.startswith("/api/"):
            assert answer.status_code == 401, (method, answer.content)
        else:
            assert answer.status_code in (302, 403, 405), (method, answer.content)
            assert answer.get("Location", "/").split("?")[0] == "/"
    assert snapshot() == before


@pytest.mark.parametrize("state", ["open", "active", "closed"])
@pytest.mark.parametrize("name", [name for name, audience in AUDIENCE.items() if audience == HELPDESK])
def test_user_is_refused_by_helpdesk_routes(user, name, state):
    ticket = make_ticket(state)
    before = snapshot()
    hidden = state == "closed" and name in TICKETS
    for method in METHODS:
        answer = call(user, method, fill(ROUTES[name], ticket))
        assert answer.status_code in ((404, 405) if hidden else (403, 405)), (method, answer.content)
    assert snapshot() == before


@pytest.mark.parametrize("name", [name for name, audience in AUDIENCE.items() if audience == SERVICE])
@pytest.mark.parametrize("role", ["user", "helpdesk"])
def test_service_routes_refuse_sessions(db, name, role):
    client = enter(role)
    for method in METHODS:
        assert call(client, method, fill(ROUTES[name], make_ticket())).status_code == 403


@pytest.mark.parametrize("name", [*TICKETS, *PORTAL_TICKETS])
def test_closed_ticket_looks_missing_to_a_user(user, name):
    closed, missing = make_ticket("closed"), Ticket(pk=987654321)
    for method in METHODS:
        answers = [call(user, method, fill(ROUTES[name], ticket)) for ticket in (closed, missing)]
        assert answers[0].status_code == answers[1].status_code, method
        assert answers[0].status_code in (404, 405), method
        if name in TICKETS:
            assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    "name", [name for name, audience in AUDIENCE.items() if audience in (BOTH, HELPDESK)]
)
def test_helpdesk_is_admitted_by_its_routes(helpdesk, name):
    ticket = make_ticket()
    answers = {call(helpdesk, method, fill(ROUTES[name], ticket)).status_code for method in METHODS}
    assert not answers & {401, 403, 500}
    assert answers - {405}


@pytest.mark.parametrize("name", [name for name, audience in AUDIENCE.items() if audience == BOTH])
def test_user_is_admitted_by_routes_of_both_roles(user, name):
    ticket = Ticket(pk=user.api("POST", "tickets/", {"description": "The tap drips"}).json()["id"])
    answers = {call(user, method, fill(ROUTES[name], ticket)).status_code for method in METHODS}
    assert answers - {403, 404, 405}
    assert 500 not in answers


@pytest.mark.parametrize("address", ["/admin/", "/admin/tickets/ticket/", "/admin/messaging/message/"])
def test_admin_admits_only_the_helpdesk(nobody, user, helpdesk, address):
    assert helpdesk.get(address).status_code == 200
    assert nobody.get(address, follow=True).redirect_chain[-1][0] == f"/?{urlencode({'next': address})}"
    assert user.client.get(address, follow=True).status_code == 403


@pytest.mark.parametrize("name", [name for name, audience in AUDIENCE.items() if audience != SERVICE])
def test_every_unsafe_method_needs_the_csrf_token(helpdesk, name):
    ticket = make_ticket()
    before = snapshot()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = helpdesk.client.generic(method, fill(ROUTES[name], ticket), b"{}", "application/json")
        assert answer.status_code in (403, 405), (method, answer.status_code)
    assert snapshot() == before
