"""Following in the browser: a new answer is announced on whatever page is open, and in its title."""

from playwright.sync_api import expect

from messaging.actions import post_message
from tests.support.factories import HELPDESK
from tickets.models import Ticket


def test_answer_is_announced_on_the_open_page_and_in_its_title(enter):
    page = enter("user", "Ursula")
    page.goto("/tickets/new/")
    page.get_by_label("The problem").fill("The lift is stuck")
    with page.expect_navigation():
        page.get_by_role("button", name="Report it").click()
    page.clock.install()
    page.goto("/tickets/")
    post_message(Ticket.objects.get(), by=HELPDESK, body="On the way")
    page.clock.fast_forward("00:21")
    toast = page.locator("#news-toast")
    expect(toast).to_contain_text("New answer from the helpdesk")
    expect(page).to_have_title("(1) Tickets - Campus Helpdesk")
    expect(page.get_by_role("link", name="My reports 1 with news")).to_be_visible()
    toast.get_by_role("link").click()
    expect(page).to_have_title(f"The lift is stuck (#{Ticket.objects.get().pk}) - Campus Helpdesk")
