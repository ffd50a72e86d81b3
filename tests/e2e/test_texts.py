"""A text is shown exactly as written, whatever it looks like."""

import pytest
from playwright.sync_api import Page, expect

from messaging.actions import post_message
from tests.support.factories import HELPDESK, make_ticket
from tickets.models import Ticket

TEXT = "<script>alert(1)</script> $x_{ \u202e emoji \U0001f525 &amp; {{ 7 }}"
PLACES = [
    ("user", "/tickets/", "main"),
    ("user", "/tickets/{0}/", "h1"),
    ("user", "/tickets/{0}/", "#conversation"),
    ("helpdesk", "/desk/", "main"),
    ("helpdesk", "/desk/tickets/{0}/", "#conversation"),
    ("helpdesk", "/admin/tickets/ticket/", "#result_list"),
    ("helpdesk", "/admin/tickets/ticket/{0}/change/", "h2"),
    ("helpdesk", "/admin/messaging/message/{1}/change/", ".field-body"),
]


def shown(page: Page, where: str) -> str:
    return page.locator(where).evaluate("node => node.innerText")


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket(description=TEXT, building=TEXT, room=TEXT)


@pytest.mark.parametrize("role", ["user", "helpdesk"])
def test_text_is_shown_unchanged(enter, ticket, role):
    message = post_message(ticket, by=HELPDESK, body=TEXT)
    page = enter(role, TEXT)
    for _, address, where in [place for place in PLACES if place[0] == role]:
        page.goto(address.format(ticket.pk, message.pk))
        assert TEXT in shown(page, where), address
        assert page.locator("main script:not([src])").count() == 0, address


def test_text_is_edited_unchanged(enter, ticket):
    page = enter("user", TEXT)
    page.goto(f"/tickets/{ticket.pk}/edit/")
    expect(page.get_by_label("The problem")).to_have_value(TEXT)
    page.get_by_role("button", name="Save").click()
    ticket.refresh_from_db()
    assert ticket.description == TEXT
