"""Following in the browser: a new answer is announced on whatever page is open, and in its title."""

import pytest
from playwright.sync_api import Page, expect

from messaging.actions import post_message
from tests.support.factories import HELPDESK
from tests.support.staged_photos import small_jpeg
from tickets.actions import activate_ticket, close_ticket
from tickets.following.models import Feedback
from tickets.models import Ticket


def report(page: Page) -> Ticket:
    """Ends on the page after sending."""
    page.goto("/tickets/new/")
    page.get_by_label("The problem").fill("The lift is stuck")
    with page.expect_navigation():
        page.get_by_role("button", name="Report it").click()
    return Ticket.objects.latest("pk")


def test_answer_is_announced_on_the_open_page_and_in_its_title(enter):
    page = enter("user", "Ursula")
    report(page)
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


@pytest.mark.parametrize("has_script", [True, False])
@pytest.mark.usefixtures("own_storage")
def test_secret_link_opens_answers_and_judges_from_a_second_browser(enter, browse, has_script):
    first = enter("user", "Ursula", java_script_enabled=has_script)
    ticket = report(first)
    address = first.get_by_role("textbox", name="Secret link").input_value()
    assert first.get_by_role("button", name="Copy").is_visible() == has_script
    second = browse(java_script_enabled=has_script)
    assert second.goto(address).status == 200
    second.get_by_label("Write a message").fill("It is still stuck")
    photo = {"name": "lift.jpg", "mimeType": "image/jpeg", "buffer": small_jpeg()}
    second.get_by_label("Add photos").set_input_files(photo)
    expect(second.get_by_role("button", name="Remove photo 1")).to_have_count(int(has_script))
    second.get_by_role("button", name="Send").click()
    expect(second.get_by_label("Conversation")).to_contain_text("It is still stuck")
    expect(second.get_by_label("Conversation").get_by_text("Being prepared")).to_be_visible()
    close_ticket(activate_ticket(ticket, by=HELPDESK), by=HELPDESK)
    second.reload()
    expect(second.get_by_text("closed by the helpdesk just now")).to_be_visible()
    second.get_by_label("A short text for the helpdesk").fill("Thank you")
    second.get_by_role("button", name="Yes, solved").click()
    expect(second.get_by_text("You said yes, it is solved")).to_be_visible()
    assert Feedback.objects.get().is_solved
    first.goto("/tickets/?is_mine=true")
    first.get_by_role("link", name="The lift is stuck").click()
    first.get_by_text("Revoke this link").click()
    first.get_by_role("button", name="Revoke the link now").click()
    expect(first.get_by_text(f"The secret link of ticket {ticket.pk} no longer works.")).to_be_visible()
    assert second.goto(address).status == 404


def test_secret_link_is_copied_and_is_no_referrer(enter, browse):
    page = enter("user")
    report(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == page.get_by_role("textbox", name="Secret link").input_value()
    second = browse()
    second.goto(address)
    with second.expect_request("**/") as request:
        second.get_by_role("link", name="Campus Helpdesk").click()
    assert "referer" not in request.value.all_headers()
