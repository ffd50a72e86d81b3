"""What is being written survives leaving the page, the end of the role and Back, and is never sent twice."""

import re

from playwright.sync_api import Page, expect

from messaging.models import Message
from tests.support.factories import HELPDESK, make_ticket
from tickets.actions import edit_ticket
from tickets.models import Ticket

PROBLEM = "The lift in the library is stuck"


def fill_report(page: Page, text: str = PROBLEM) -> None:
    page.goto("/tickets/new/")
    page.get_by_label("The problem").fill(text)
    page.get_by_label("Building").fill("Library")
    page.get_by_label("Room").fill("Lobby")


def expect_report(page: Page, text: str, building: str, room: str) -> None:
    expect(page.get_by_label("The problem")).to_have_value(text)
    expect(page.get_by_label("Building")).to_have_value(building)
    expect(page.get_by_label("Room")).to_have_value(room)


def send_report(page: Page) -> None:
    page.get_by_role("button", name="Report it").click()
    page.wait_for_url(re.compile(r"/tickets/\d+/sent/$"))


def test_back_after_a_report_shows_the_report(enter):
    page = enter("user", "Ursula")
    fill_report(page)
    send_report(page)
    page.go_back()
    ticket = Ticket.objects.get()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"You sent this as ticket {ticket.pk}")
    expect(page.get_by_text(PROBLEM)).to_be_visible()
    page.get_by_role("link", name=f"To ticket {ticket.pk}").click()
    expect(page).to_have_url(re.compile(f"/tickets/{ticket.pk}/$"))
    page.goto("/tickets/new/")
    expect_report(page, "", "", "")


def test_draft_has_no_address(enter):
    page = enter("user", "Ursula")
    fill_report(page)
    page.get_by_label("E-mail").fill("ada@example.edu")
    page.get_by_label("Room").fill("Lobby 2")
    page.goto("/tickets/new/")
    expect_report(page, PROBLEM, "Library", "Lobby 2")
    expect(page.get_by_label("E-mail")).to_have_value("")


def test_back_without_javascript_creates_no_second_ticket(enter):
    page = enter("user", "Ursula", java_script_enabled=False)
    fill_report(page)
    send_report(page)
    page.go_back()
    ticket = Ticket.objects.get()
    expect(page.get_by_role("link", name=f"ticket {ticket.pk}")).to_be_visible()
    page.get_by_label("The problem").fill(PROBLEM)
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("alert")).to_contain_text("You reported this already")
    assert Ticket.objects.count() == 1


def test_draft_of_a_report_is_restored_with_location_and_category(enter):
    page = enter("user")
    fill_report(page)
    page.get_by_role("link", name="Tickets", exact=True).click()
    page.get_by_role("link", name="Report a problem").first.click()
    expect_report(page, PROBLEM, "Library", "Lobby")
    expect(page.locator("#guess")).to_contain_text("Facility management")


def test_note_stays_a_note_and_back_sends_nothing_twice(enter):
    ticket = make_ticket("active")
    page = enter("helpdesk", "Hedda")
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.get_by_label("Internal note").check()
    page.get_by_label("Write a message").fill("The valve costs 200")
    page.reload()
    expect(page.get_by_label("Internal note")).to_be_checked()
    expect(page.get_by_label("Write a message")).to_have_value("The valve costs 200")
    page.get_by_role("button", name="Save note").click()
    page.wait_for_url(re.compile("#message-"))
    page.go_back()
    expect(page.get_by_label("Write a message")).to_have_value("")
    page.go_forward()
    page.get_by_label("Write a message").fill("A second one")
    page.reload()
    expect(page.get_by_label("Write a message")).to_have_value("A second one")
    assert Message.objects.get().is_internal


def test_draft_of_an_edit_conflicts_if_the_ticket_has_changed(enter):
    ticket = make_ticket(description="The lamp flickers")
    page = enter("user")
    page.goto(f"/tickets/{ticket.pk}/edit/")
    page.get_by_label("The problem").fill("The lamp flickers and hums")
    page.goto("/tickets/")
    edit_ticket(ticket, by=HELPDESK, version=1, changes={"room": "2.14"})
    page.goto(f"/tickets/{ticket.pk}/edit/")
    expect(page.get_by_label("The problem")).to_have_value("The lamp flickers and hums")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Someone changed")


def test_text_survives_the_end_of_the_session(enter):
    page = enter("user")
    fill_report(page)
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Report it").click()
    page.get_by_role("button", name="I have a problem").click()
    expect_report(page, PROBLEM, "Library", "Lobby")
    send_report(page)
    page.goto("/tickets/new/")
    expect_report(page, "", "", "")


def test_switching_the_role_asks_before_it_discards_drafts(enter):
    page = enter("user", "Ursula")
    fill_report(page)
    page.goto("/tickets/")
    leave, dialog = page.get_by_role("button", name="Switch role").first, page.get_by_role("dialog")
    leave.click()
    expect(dialog).to_contain_text(f"A report: {PROBLEM}")
    dialog.get_by_role("button", name="Stay").click()
    expect(dialog).to_be_hidden()
    page.goto("/tickets/new/")
    expect_report(page, PROBLEM, "Library", "Lobby")
    leave.click()
    dialog.get_by_role("button", name="Switch role and discard it").click()
    page.get_by_role("button", name="I have a problem").click()
    page.goto("/tickets/new/")
    expect_report(page, "", "", "")
    leave.click()
    expect(page.get_by_role("button", name="I have a problem")).to_be_visible()
