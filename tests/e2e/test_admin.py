"""Corrections in the admin: no other login, a reason for each, recorded in the ticket's history."""

from playwright.sync_api import expect

from tests.support.factories import make_ticket

REASON = "Closed by mistake, the lamp is still dark"


def test_wrong_move_is_corrected_with_a_reason(enter):
    ticket = make_ticket("closed")
    page = enter("helpdesk", "Hedda")
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.get_by_role("link", name="Correct a mistake in this ticket").click()
    page.get_by_label("Status").select_option("Active")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    page.goto(f"/desk/tickets/{ticket.pk}/")
    expect(page.get_by_label("Details")).to_contain_text("Active")
    page.get_by_text("History", exact=True).click()
    expect(page.get_by_label("Details")).to_contain_text(REASON)


def test_admin_has_no_accounts_and_follows_the_theme(enter, site):
    page = enter("helpdesk", "Hedda")
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": site}])
    page.goto("/admin/")
    expect(page.get_by_role("link", name="Messages", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Users")).to_have_count(0)
    expect(page.get_by_role("link", name="Groups")).to_have_count(0)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(26, 28, 32)"
    page.get_by_role("link", name="Back to the desk").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Queue")
