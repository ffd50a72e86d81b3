"""Every route of the site, every method, every caller: who is admitted, who is refused and how.

The table names the audience of each route. A missing route fails the test.
"""

from urllib.parse import urlencode

import pytest

from places.models import Place
from tests.support.audience import (
    AUDIENCE,
    BOTH,
    HELPDESK,
    LINK,
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
from tests.support.staged_photos import make_photo
from tickets.models import Ticket

ONE_CLICK = "mail:unsubscribe"  # mail programs post there without cookies (RFC 8058); its address is signed
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def call(client, method, address):
    return client.client.generic(
        method, address, b"{}", "application/json", headers={"X-CSRFToken": client.token}
    )


def report_in_browser(client) -> Ticket:
    """Only a browser that reported a ticket gets its secret link."""
    client.post("/tickets/new/", {"description": "The tap drips"})
    return Ticket.objects.get()


def test_every_route_names_its_audience():
    assert set(ROUTES) == set(AUDIENCE)


@pytest.mark.parametrize(
    "name", [name for name, audience in AUDIENCE.items() if audience not in (OPEN, LINK)]
)
def test_without_a_role_every_method_is_refused(nobody, name):
    address = fill(ROUTES[name], make_ticket())
    before = snapshot()
    for method in METHODS:
        response = nobody.generic(method, address, b"{}", "application/json")
        if address.startswith("/api/"):
            assert response.status_code == 401, (method, response.content)
        else:
            assert response.status_code in (302, 403, 405), (method, response.content)
            assert response.get("Location", "/").split("?")[0] == "/"
    assert snapshot() == before


@pytest.mark.parametrize("state", ["open", "active", "closed"])
@pytest.mark.parametrize("name", [name for name, audience in AUDIENCE.items() if audience == HELPDESK])
def test_user_is_refused_by_helpdesk_routes(user, name, state):
    ticket = make_ticket(state)
    before = snapshot()
    hidden = state == "closed" and name in TICKETS
    for method in METHODS:
        response = call(user, method, fill(ROUTES[name], ticket))
        assert response.status_code in ((404, 405) if hidden else (403, 405)), (method, response.content)
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
        responses = [call(user, method, fill(ROUTES[name], ticket)) for ticket in (closed, missing)]
        assert responses[0].status_code == responses[1].status_code, method
        assert responses[0].status_code in (404, 405), method
        if name in TICKETS:
            assert responses[0].content == responses[1].content


@pytest.mark.parametrize(
    "name", [name for name, audience in AUDIENCE.items() if audience in (BOTH, HELPDESK)]
)
def test_helpdesk_is_admitted_by_its_routes(helpdesk, name):
    ticket = report_in_browser(helpdesk)
    make_photo(ticket)
    statuses = {call(helpdesk, method, fill(ROUTES[name], ticket)).status_code for method in METHODS}
    assert not statuses & {401, 403, 500}
    assert statuses - {405}


@pytest.mark.parametrize("name", [name for name, audience in AUDIENCE.items() if audience == BOTH])
def test_user_is_admitted_by_routes_of_both_roles(user, name):
    ticket = report_in_browser(user)
    make_photo(ticket)
    Place.objects.create(pk=ticket.pk, name="Gym")
    statuses = {call(user, method, fill(ROUTES[name], ticket)).status_code for method in METHODS}
    assert statuses - {403, 404, 405}
    assert 500 not in statuses


@pytest.mark.parametrize("name", [name for name, audience in AUDIENCE.items() if audience == LINK])
def test_wrong_secret_looks_missing_to_everyone(nobody, user, helpdesk, name):
    before = snapshot()
    for client in (user, helpdesk):
        for method in METHODS:
            response = call(client, method, fill(ROUTES[name], Ticket()))
            assert response.status_code in (404, 405), method
            if response.status_code == 404:
                assert response.content == client.get("/nowhere/").content
    assert nobody.get(fill(ROUTES["link:ticket"], Ticket())).content == nobody.get("/nowhere/").content
    assert snapshot() == before


@pytest.mark.parametrize("address", ["/admin/", "/admin/tickets/ticket/", "/admin/messaging/message/"])
def test_admin_admits_only_the_helpdesk(nobody, user, helpdesk, address):
    assert helpdesk.get(address).status_code == 200
    assert nobody.get(address, follow=True).redirect_chain[-1][0] == f"/?{urlencode({'next': address})}"
    assert user.client.get(address, follow=True).status_code == 403


@pytest.mark.parametrize(
    "name", [name for name, audience in AUDIENCE.items() if audience != SERVICE and name != ONE_CLICK]
)
def test_every_unsafe_method_needs_the_csrf_token(helpdesk, name):
    ticket = make_ticket()
    before = snapshot()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        response = helpdesk.client.generic(method, fill(ROUTES[name], ticket), b"{}", "application/json")
        assert response.status_code in (403, 405), (method, response.status_code)
    assert snapshot() == before
