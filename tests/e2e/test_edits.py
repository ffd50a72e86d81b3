"""Two people at once, and one person who clicks twice: nothing is lost and nothing is doubled."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.factories import make_ticket
from tickets.models import Ticket

OLD = "The lamp in the hall flickers"


def open_edit(page: Page, ticket: Ticket) -> None:
    page.goto(f"/tickets/{ticket.pk}/edit/")
    expect(page.get_by_label("The problem")).to_have_value(OLD)


def save(page: Page, text: str, button: str = "Save") -> None:
    page.get_by_label("The problem").fill(text)
    page.get_by_role("button", name=button).click()


def test_conflict_shows_both_texts_and_saves_the_chosen_one(enter):
    ticket = make_ticket(description=OLD)
    first, second = enter("user", "Ursula"), enter("user", "Otto")
    open_edit(first, ticket)
    open_edit(second, ticket)
    save(first, f"{OLD}, every evening")
    expect(first.get_by_text(f"Ticket {ticket.pk} was saved.")).to_be_visible()

    save(second, f"{OLD} and hums")
    saved = second.get_by_role("region", name="Saved now")
    mine = second.get_by_role("region", name="Your version")
    expect(saved).to_contain_text(f"{OLD}, every evening")
    expect(mine.get_by_label("The problem")).to_have_value(f"{OLD} and hums")
    ticket.refresh_from_db()
    assert ticket.description == f"{OLD}, every evening"

    save(second, f"{OLD} and hums, every evening", "Save my version")
    expect(second.get_by_text(f"Ticket {ticket.pk} was saved.")).to_be_visible()
    ticket.refresh_from_db()
    assert ticket.description == f"{OLD} and hums, every evening"


def test_conflict_can_keep_the_saved_version(enter):
    ticket = make_ticket(description=OLD)
    first, second = enter("user"), enter("helpdesk")
    open_edit(first, ticket)
    open_edit(second, ticket)
    save(first, f"{OLD}, every evening")
    save(second, f"{OLD} and hums")
    second.get_by_role("link", name="Keep the saved version").click()
    expect(second.get_by_role("heading", level=1)).to_have_text(f"{OLD}, every evening")


@pytest.mark.parametrize("has_script", [True, False])
def test_double_click_creates_one_ticket(enter, has_script):
    page = enter("user", java_script_enabled=has_script)
    page.goto("/tickets/new/")
    page.get_by_label("The problem").fill(OLD)
    page.get_by_role("button", name="Report it").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You sent this as ticket")
    assert Ticket.objects.count() == 1


def test_refused_report_keeps_what_was_typed(enter):
    page = enter("user")
    page.goto("/tickets/new/")
    page.get_by_label("The problem").fill("\u200b \u200b")
    page.get_by_label("Building").fill("Library")
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("alert")).to_contain_text("The problem")
    expect(page.get_by_label("Building")).to_have_value("Library")
    assert not Ticket.objects.exists()
