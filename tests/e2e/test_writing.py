"""Writing under a ticket: what is sent is what was chosen, and nothing typed is lost."""

import pytest
from playwright.sync_api import Page, expect

from messaging.models import Message
from tests.support.factories import HELPDESK, make_ticket
from tickets.actions import close_ticket
from tickets.models import Ticket


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket("active")


def field(page: Page):
    return page.get_by_label("Write a message")


def test_control_enter_sends_the_chosen_kind_of_message(enter, ticket):
    page = enter("helpdesk", "Hedda")
    page.goto(f"/desk/tickets/{ticket.pk}/")
    field(page).fill("The valve costs 200")
    expect(page.get_by_role("button", name="Send answer")).to_be_visible()
    page.get_by_label("Internal note").check()
    expect(field(page)).to_have_value("The valve costs 200")
    expect(page.get_by_role("button", name="Save note")).to_be_visible()
    expect(page.get_by_role("button", name="Send answer")).to_be_hidden()
    field(page).press("Control+Enter")
    expect(page.get_by_label("Conversation")).to_contain_text("The valve costs 200")
    assert Message.objects.get().is_internal


def test_page_reports_the_closing_and_keeps_typed_text(enter, ticket):
    page = enter("user", "Ursula")
    page.clock.install()
    page.goto(f"/tickets/{ticket.pk}/")
    field(page).fill("It is still dark")
    close_ticket(ticket, by=HELPDESK)
    page.clock.fast_forward("00:16")
    expect(page.get_by_role("alert")).to_contain_text("Closed just now by the helpdesk.")
    expect(page.get_by_label("Details")).to_contain_text("Closed")
    expect(page.get_by_label("Conversation")).to_contain_text(ticket.summary)
    expect(page.get_by_label("Not sent")).to_have_value("It is still dark")
    expect(page.get_by_role("link", name="Report it again")).to_have_attribute("href", "/tickets/new/")
    expect(page.get_by_role("button", name="Send")).to_have_count(0)
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    page.clock.fast_forward("00:31")
    expect(page.get_by_role("alert")).to_be_visible()


def test_page_of_a_replaced_session_is_reloaded(enter, browser_errors, ticket):
    """It can no longer prove what it showed, so it is reloaded."""
    page = enter("user", "Ursula")
    page.clock.install()
    page.goto(f"/tickets/{ticket.pk}/")
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="I have a problem").click()
    close_ticket(ticket, by=HELPDESK)
    page.clock.fast_forward("00:16")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    # The poll's own response.
    browser_errors.reported = [error for error in browser_errors.reported if "404" not in error[1]]
