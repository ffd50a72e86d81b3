"""Scheduled reports: created as a sentence, previewed, paused, resumed, deleted."""

from playwright.sync_api import Page, expect

from analytics_gateway.models import ReportSchedule

NAME = "Every Monday at 07:00: Unresolved tickets, opened recently"


def schedule(page: Page) -> None:
    page.get_by_role("link", name="Reports").click()
    form = page.get_by_role("listitem").filter(has=page.get_by_label("Period"))
    form.get_by_label("Every").select_option("Monday")
    form.get_by_label("at", exact=True).select_option("07:00")
    form.get_by_label("Period").fill("30")
    form.get_by_role("button", name="Schedule it").click()


def test_report_is_scheduled_paused_resumed_and_deleted(enter):
    page = enter("helpdesk", "Hedda")
    schedule(page)
    card = page.get_by_role("article", name=NAME)
    expect(card).to_contain_text("30 days")
    times = card.locator("time")
    expect(times).to_have_count(5)
    assert all("07:00" in text for text in times.all_inner_texts())

    card.get_by_role("button", name="Pause").click()
    expect(card).to_contain_text("Paused")
    expect(card.locator("time")).to_have_count(0)
    card.get_by_role("button", name="Resume").click()
    expect(card.locator("time")).to_have_count(5)

    card.locator("summary", has_text="Delete").click()
    card.get_by_role("button", name="Yes, delete it").click()
    expect(card).to_have_count(0)
    expect(page.get_by_text("Nothing is scheduled")).to_be_visible()
    assert not ReportSchedule.objects.not_deleted().exists()
