from urllib.parse import quote

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType

from tests.support.factories import USER, make_conversation, make_ticket
from tickets.actions import edit_ticket

pytestmark = pytest.mark.django_db


def form(ticket, **changes):
    fields = ("description", "building", "room", "category", "status")
    values = {name: getattr(ticket, name) for name in fields}
    return values | {"reason": "put right", "version_seen": ticket.version} | changes


def test_repair_is_recorded_with_its_reason(helpdesk):
    ticket = make_ticket("closed")
    response = helpdesk.post(f"/admin/tickets/ticket/{ticket.pk}/change/", form(ticket, status="active"))
    assert response.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.closed_at) == ("active", None)
    last = ticket.events.last()
    assert (last.verb, last.reason, last.by_name) == ("repaired", "put right", "Hedda")


def test_repair_without_a_reason_is_refused(helpdesk):
    ticket = make_ticket()
    response = helpdesk.post(f"/admin/tickets/ticket/{ticket.pk}/change/", form(ticket, room="9", reason=" "))
    assert response.status_code == 200
    ticket.refresh_from_db()
    assert ticket.room == ""


def test_repair_does_not_overwrite_a_concurrent_edit(helpdesk):
    ticket = make_ticket()
    stale = form(ticket, room="9")
    edit_ticket(ticket, by=USER, version=1, changes={"description": "Somebody else's words"})
    assert helpdesk.post(f"/admin/tickets/ticket/{ticket.pk}/change/", stale).status_code == 200
    ticket.refresh_from_db()
    assert (ticket.description, ticket.room) == ("Somebody else's words", "")


@pytest.mark.parametrize(
    "path", ["tickets/ticket/add/", "messaging/message/add/", "auth/user/", "auth/group/"]
)
def test_admin_has_no_add_pages_and_no_accounts(helpdesk, path):
    assert helpdesk.get(f"/admin/{path}").status_code in (403, 404)


def test_admin_refuses_deletion(helpdesk):
    ticket = make_ticket()
    assert helpdesk.post(f"/admin/tickets/ticket/{ticket.pk}/delete/", {"post": "yes"}).status_code == 403


def test_admin_redirects_to_no_content_type(helpdesk):
    """A content type may have no table of its own: requesting its rows would be an error."""
    for kind in ContentType.objects.all():
        assert helpdesk.get(f"/admin/r/{kind.pk}/1/").status_code == 404


@pytest.mark.parametrize("model", ["tickets/ticket", "tickets/ticketevent", "messaging/message"])
@pytest.mark.parametrize("tail", ["change/", "history/"])
def test_admin_accepts_only_plain_digits_as_an_id(helpdesk, model, tail):
    make_conversation(make_ticket())
    row = apps.get_model(*model.split("/")).objects.order_by("pk")[0]
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in str(row.pk))
    assert helpdesk.get(f"/admin/{model}/{row.pk}/{tail}").status_code == 200
    others = [f"+{row.pk}", f" {row.pk}", f"0_{row.pk}", full_width, f"{row.pk}.0", "x", "9" * 18, "9" * 30]
    for number in others:
        assert helpdesk.get(f"/admin/{model}/{quote(number)}/{tail}").status_code == 404, number


@pytest.mark.parametrize("number", ["+{}", "１{}", "0_{}", "%20{}"])
@pytest.mark.parametrize("area", ["/tickets/", "/desk/tickets/", "/api/v1/tickets/"])
def test_pages_and_api_accept_only_plain_digits_as_an_id(helpdesk, area, number):
    assert helpdesk.get(f"{area}{number.format(make_ticket().pk)}/").status_code == 404
