"""Without a network: a page that says so, and a report that is sent when the network is back."""

import re

from playwright.sync_api import Page, expect

from messaging.models import Message
from tests.support.factories import make_ticket
from tickets.models import Ticket

PROBLEM = "The lift in the library is stuck"


def wait_for_service_worker(page: Page) -> None:
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def go_offline(page: Page, browser_errors) -> None:
    """What the browser reports of failed requests is expected from here on."""
    browser_errors.unexpected = list
    page.context.set_offline(True)


def test_page_says_that_it_is_offline(enter, browser_errors):
    page = enter("user")
    wait_for_service_worker(page)
    go_offline(page, browser_errors)
    page.goto("/tickets/")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page).to_have_url(re.compile("/tickets/$"))
    expect(page.get_by_role("button", name="Switch role")).to_be_visible()


def test_report_without_a_network_is_sent_once_when_it_is_back(enter, browser_errors):
    page = enter("user", "Ursula")
    page.goto("/tickets/new/")
    wait_for_service_worker(page)
    page.get_by_label("The problem").fill(PROBLEM)
    page.get_by_label("Building").fill("Library")
    go_offline(page, browser_errors)
    page.get_by_role("button", name="Report it").click()
    expect(page.locator("#send-later")).to_contain_text(f"as soon as the network is back:{PROBLEM}")
    assert not Ticket.objects.exists()
    page.context.set_offline(False)
    expect(page.locator("#send-later")).to_contain_text(f"Sent now that you are online again:{PROBLEM}")
    page.goto("/tickets/new/")
    expect(page.get_by_label("The problem")).to_have_value("")
    ticket = Ticket.objects.get()
    assert (ticket.description, ticket.building, ticket.opener_name) == (PROBLEM, "Library", "Ursula")


def test_message_that_the_site_refuses_later_is_back_in_its_form(enter, browser_errors):
    ticket = make_ticket()
    page = enter("user")
    page.goto(f"/tickets/{ticket.pk}/")
    wait_for_service_worker(page)
    page.get_by_label("Write a message").fill("Any news?")
    go_offline(page, browser_errors)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#send-later")).to_contain_text("Any news?")
    page.context.clear_cookies(name="sessionid")
    page.context.set_offline(False)
    expect(page.locator("#send-later")).to_contain_text("could not be sent")
    page.get_by_role("link", name="Any news?").click()
    page.get_by_role("button", name="I have a problem").click()
    expect(page.get_by_label("Write a message")).to_have_value("Any news?")
    assert not Message.objects.exists()


def test_draft_outlives_the_tab_and_can_be_discarded(enter):
    page = enter("user")
    page.goto("/tickets/new/")
    page.get_by_label("The problem").fill(PROBLEM)
    context = page.context
    page.close()
    page = context.new_page()
    page.goto("/tickets/new/")
    expect(page.get_by_label("The problem")).to_have_value(PROBLEM)
    expect(page.get_by_text("Your unsent text is here again.")).to_be_visible()
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("The problem")).to_have_value("")
    page.reload()
    expect(page.get_by_label("The problem")).to_have_value("")
    expect(page.get_by_text("Your unsent text is here again.")).to_be_hidden()
