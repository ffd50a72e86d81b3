"""Every route of the site, every method, every caller: who is let in, who is refused and how.

The table names the audience of each route. A route that is missing here fails the build.
"""

from urllib.parse import urlencode

import pytest
from django.urls import URLPattern, get_resolver

from analytics_gateway.models import Analysis, Pin, ReportSchedule
from messaging.models import Message
from tests.conftest import enter
from tests.factories import make_ticket
from tickets.models import IdempotencyKey, Ticket, TicketEvent

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SOME_UUID = "00000000-0000-4000-8000-000000000000"
OPEN, BOTH, HELPDESK, SERVICE = "open to all", "both roles", "the helpdesk", "a service's token"

AUDIENCE = {
    "door:door": OPEN,
    "door:enter": OPEN,
    "door:leave": OPEN,
    "door:theme": OPEN,
    "schema": OPEN,
    "docs": OPEN,
    "portal:list": BOTH,
    "portal:report": BOTH,
    "portal:guess": BOTH,
    "portal:ticket": BOTH,
    "portal:messages": BOTH,
    "portal:edit": BOTH,
    "portal:category": BOTH,
    "portal:next": BOTH,
    "portal:previous": BOTH,
    "desk:queue": HELPDESK,
    "desk:move_many": HELPDESK,
    "desk:ticket": HELPDESK,
    "desk:messages": HELPDESK,
    "desk:edit": HELPDESK,
    "desk:category": HELPDESK,
    "desk:next": HELPDESK,
    "desk:previous": HELPDESK,
    "desk:activate": HELPDESK,
    "desk:close": HELPDESK,
    "desk:analytics": HELPDESK,
    "desk:analysis": HELPDESK,
    "desk:cancel": HELPDESK,
    "desk:pin": HELPDESK,
    "desk:pinned": HELPDESK,
    "desk:pin_card": HELPDESK,
    "desk:unpin": HELPDESK,
    "desk:quality": HELPDESK,
    "desk:use_version": HELPDESK,
    "desk:reports": HELPDESK,
    "desk:pause": HELPDESK,
    "desk:resume": HELPDESK,
    "desk:delete": HELPDESK,
    "ticket-list": BOTH,
    "ticket-detail": BOTH,
    "ticket-activate": HELPDESK,
    "ticket-close": HELPDESK,
    "ticket-history": BOTH,
    "conversation": BOTH,
    "facts": SERVICE,
    "analyses": HELPDESK,
    "analysis-services": HELPDESK,
    "analysis": HELPDESK,
    "analysis-cancel": HELPDESK,
    "analysis-svg": HELPDESK,
    "analysis-png": HELPDESK,
    "analysis-csv": HELPDESK,
    "analysis-start": SERVICE,
    "analysis-progress": SERVICE,
    "analysis-failure": SERVICE,
    "analysis-result": SERVICE,
}
TICKETS = ("ticket-detail", "ticket-activate", "ticket-close", "ticket-history", "conversation")
PORTAL_TICKETS = ("portal:ticket", "portal:messages", "portal:edit", "portal:category")
PORTAL_TICKETS += ("portal:next", "portal:previous")


def walk(patterns, prefix="", space=""):
    """Name and address of every route, the admin's under its own heading."""
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", address
        elif pattern.namespace != "admin":
            yield from walk(
                pattern.url_patterns, address, f"{pattern.namespace}:" if pattern.namespace else space
            )


ROUTES = dict(walk(get_resolver().url_patterns))


def fill(address: str, ticket: Ticket) -> str:
    """A real address of a route."""
    for part in ("<int:pk>", "(?P<pk>[0-9]+)"):
        address = address.replace(part, str(ticket.pk))
    return "/" + address.replace("<uuid:pk>", SOME_UUID).replace("^", "").replace("$", "").replace("\\Z", "")


def call(client, method, address):
    return client.client.generic(
        method, address, b"{}", "application/json", headers={"X-CSRFToken": client.token}
    )


def snapshot():
    tables = (Ticket, TicketEvent, Message, IdempotencyKey, Analysis, ReportSchedule, Pin)
    return [list(table.objects.order_by("pk").values()) for table in tables]


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
def test_a_user_is_refused_what_is_the_helpdesks(user, name, state):
    ticket = make_ticket(state)
    before = snapshot()
    hidden = state == "closed" and name in TICKETS
    for method in METHODS:
        answer = call(user, method, fill(ROUTES[name], ticket))
        assert answer.status_code in ((404, 405) if hidden else (403, 405)), (method, answer.content)
    assert snapshot() == before


@pytest.mark.parametrize("name", [name for name, audience in AUDIENCE.items() if audience == SERVICE])
@pytest.mark.parametrize("role", ["user", "helpdesk"])
def test_a_services_route_is_closed_to_every_session(db, name, role):
    client = enter(role)
    for method in METHODS:
        assert call(client, method, fill(ROUTES[name], make_ticket())).status_code == 403


@pytest.mark.parametrize("name", [*TICKETS, *PORTAL_TICKETS])
def test_a_closed_ticket_is_a_missing_one_to_a_user(user, name):
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
def test_the_helpdesk_is_let_in_everywhere(helpdesk, name):
    ticket = make_ticket()
    answers = {call(helpdesk, method, fill(ROUTES[name], ticket)).status_code for method in METHODS}
    assert not answers & {401, 403, 500}
    assert answers - {405}


@pytest.mark.parametrize("name", [name for name, audience in AUDIENCE.items() if audience == BOTH])
def test_a_user_is_let_in_where_both_are(user, name):
    ticket = Ticket(pk=user.api("POST", "tickets/", {"description": "The tap drips"}).json()["id"])
    answers = {call(user, method, fill(ROUTES[name], ticket)).status_code for method in METHODS}
    assert answers - {403, 404, 405}
    assert 500 not in answers


@pytest.mark.parametrize("address", ["/admin/", "/admin/tickets/ticket/", "/admin/messaging/message/"])
def test_the_admin_opens_for_the_helpdesk_only(nobody, user, helpdesk, address):
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
