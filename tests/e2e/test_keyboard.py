"""The queue by keyboard alone, and the skip link."""

import re

from playwright.sync_api import Page, expect

from tests.support.factories import make_ticket


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.innerText || document.activeElement.id")


def test_keys_move_through_the_queue(enter):
    for text in ("The third lamp", "The second lamp", "The first lamp"):
        make_ticket(description=text)
    page = enter("helpdesk")
    page.keyboard.press("j")
    assert focused(page) == "The first lamp"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused(page) == "The second lamp"
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)
    expect(page.get_by_role("group", name="With the selected tickets")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The second lamp")


def expect_ticket(page: Page, summary: str) -> None:
    """Its page has loaded completely, keyboard shortcuts included."""
    expect(page.get_by_role("heading", level=1)).to_have_text(summary)
    page.wait_for_load_state()


def test_keys_continue_at_the_opened_ticket_and_move_between_tickets(enter):
    for text in ("The fourth lamp", "The third lamp", "The second lamp", "The first lamp"):
        make_ticket(description=text)
    page = enter("helpdesk")
    page.goto("/desk/?q=lamp")
    page.get_by_role("link", name="The second lamp").click()
    expect_ticket(page, "The second lamp")
    page.go_back()
    expect(page.get_by_role("link", name="The second lamp")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect_ticket(page, "The third lamp")
    page.keyboard.press("j")
    expect_ticket(page, "The fourth lamp")
    page.keyboard.press("j")
    expect(page.get_by_text("is the last ticket in the list")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("k")
    expect_ticket(page, "The third lamp")
    page.keyboard.press("u")
    expect(page.get_by_role("link", name="The third lamp")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/desk/\?q=lamp#"))
    page.keyboard.press("k")
    assert focused(page) == "The second lamp"


def test_slash_focuses_the_search_and_typing_triggers_no_shortcut(enter):
    make_ticket(description="The jukebox in the canteen is mute")
    page = enter("helpdesk")
    page.keyboard.press("/")
    assert focused(page) == "search"
    page.keyboard.type("jukebox")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="The jukebox in the canteen is mute")).to_be_visible()
    expect(page.get_by_label("Search tickets")).to_have_value("jukebox")


def test_question_mark_shows_the_shortcuts(enter):
    page = enter("helpdesk")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_hidden()


def test_skip_link_leads_to_the_content(enter):
    page = enter("user")
    page.goto("/tickets/")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_control_enter_sends_the_message(enter):
    ticket = make_ticket()
    page = enter("user", "Ursula")
    page.goto(f"/tickets/{ticket.pk}/")
    page.get_by_label("Write a message").fill("Still dark here")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Conversation")).to_contain_text("Still dark here")
