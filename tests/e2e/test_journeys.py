"""The main journey of both roles, and the same without JavaScript."""

import re

from playwright.sync_api import Page, expect

from messaging.actions import post_message
from tests.support.factories import HELPDESK, make_ticket
from tickets.actions import activate_ticket
from tickets.models import Ticket

PROBLEM = "The heating in the reading room is dead and the radiator stays cold"
NOTE = "The valve was ordered last week"


def report(page: Page, text: str, building: str = "", room: str = "") -> Ticket:
    """Reports as a person does and ends on the ticket's page."""
    page.get_by_role("link", name="Report a problem").first.click()
    page.get_by_label("The problem").fill(text)
    page.get_by_label("Building").fill(building)
    page.get_by_label("Room").fill(room)
    page.get_by_role("button", name="Report it").click()
    page.get_by_role("link", name="To ticket").click()
    page.wait_for_url(re.compile(r"/tickets/\d+/$"))
    return Ticket.objects.get(pk=int(page.url.rstrip("/").rsplit("/", 1)[1]))


def edit(page: Page, text: str) -> None:
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("The problem").fill(text)
    page.get_by_role("button", name="Save").click()


def write(page: Page, text: str, *, is_internal: bool = False) -> None:
    page.get_by_label("Write a message").fill(text)
    if is_internal:
        page.get_by_label("Internal note").check()
    page.get_by_role("button", name="Save note" if is_internal else "Send").click()
    expect(conversation(page).get_by_text(text)).to_be_visible()


def conversation(page: Page):
    return page.get_by_label("Conversation")


def details(page: Page):
    return page.get_by_label("Details")


def find_in_queue(page: Page, words: str) -> None:
    page.get_by_label("Search tickets").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/desk/\?q="))


def test_ticket_from_report_to_closing(enter):
    user, desk = enter("user", "Ursula"), enter("helpdesk", "Hedda")

    user.get_by_role("link", name="Report a problem").first.click()
    user.get_by_label("The problem").press_sequentially(PROBLEM)
    guess = user.locator("#guess")
    expect(guess.get_by_text("Facility management")).to_be_visible()
    expect(guess.get_by_role("listitem").filter(has_text=re.compile("heating|radiator"))).not_to_have_count(0)
    user.get_by_label("Building").fill("Library")
    user.get_by_label("Room").fill("2.14")
    user.get_by_role("button", name="Report it").click()
    expect(user.get_by_text("Thank you. Your report is ticket")).to_be_visible()
    ticket = Ticket.objects.get()
    user.get_by_role("link", name=f"To ticket {ticket.pk}").click()
    expect(user.get_by_role("heading", level=1)).to_have_text(PROBLEM)
    expect(details(user)).to_contain_text("Library")

    edit(user, f"{PROBLEM}\nAll five of them, since Monday.")
    expect(user.get_by_text(f"Ticket {ticket.pk} was saved.")).to_be_visible()
    expect(conversation(user)).to_contain_text("All five of them, since Monday.")
    write(user, "Is anybody coming?")
    portal_address = user.url.partition("#")[0]

    find_in_queue(desk, "radiator cold")
    desk.get_by_role("link", name=PROBLEM).click()
    desk.get_by_role("button", name="Take up").click()
    expect(desk.get_by_text(f"Ticket {ticket.pk} is now active.")).to_be_visible()
    write(desk, "A technician is on the way.")
    write(desk, NOTE, is_internal=True)
    details(desk).get_by_text("Change category").click()
    details(desk).get_by_role("button", name="Services complaints").click()
    said = f"Ticket {ticket.pk} is now in category Services complaints."
    expect(desk.get_by_text(said)).to_be_visible()

    user.reload()
    expect(conversation(user)).to_contain_text("A technician is on the way.")
    expect(details(user)).to_contain_text("Active")
    expect(details(user)).to_contain_text("Chosen by a person.")
    assert NOTE not in user.content()

    desk.get_by_role("button", name="Close", exact=True).click()
    expect(desk.get_by_text(f"Ticket {ticket.pk} is now closed.")).to_be_visible()
    assert user.goto(portal_address).status == 404
    expect(user.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    expect(user.get_by_role("link", name="Campus Helpdesk")).to_be_visible()
    user.get_by_role("link", name="To the tickets").click()
    user.goto("/tickets/")
    expect(user.get_by_text("No open reports")).to_be_visible()


def test_everything_works_without_javascript(enter):
    user = enter("user", "Ursula", java_script_enabled=False)
    desk = enter("helpdesk", "Hedda", java_script_enabled=False)

    ticket = report(user, PROBLEM, "Library", "2.14")
    expect(details(user)).to_contain_text("Facility management")
    write(user, "Is anybody coming?")
    edit(user, f"{PROBLEM}\nSince Monday.")
    expect(conversation(user)).to_contain_text("Since Monday.")

    find_in_queue(desk, "radiator")
    desk.get_by_role("link", name=PROBLEM).click()
    desk.get_by_role("button", name="Take up").click()
    expect(desk.get_by_text(f"Ticket {ticket.pk} is now active.")).to_be_visible()
    write(desk, NOTE, is_internal=True)
    write(desk, "On the way.")

    user.reload()
    expect(conversation(user)).to_contain_text("On the way.")
    assert NOTE not in user.content()


def test_updates_arrive_automatically_and_keep_typed_text(enter):
    ticket = make_ticket()
    page = enter("user", "Ursula")
    page.clock.install()
    page.goto(f"/tickets/{ticket.pk}/")
    page.get_by_label("Write a message").fill("Half a sent")
    post_message(ticket, by=HELPDESK, body="Somebody is on the way.")
    activate_ticket(ticket, by=HELPDESK)
    page.clock.fast_forward("00:16")
    expect(conversation(page)).to_contain_text("Somebody is on the way.")
    expect(details(page)).to_contain_text("Active")
    expect(page.get_by_label("Write a message")).to_have_value("Half a sent")
