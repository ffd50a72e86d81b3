"""From the choice of a service to its picture, with a worker process and the real queue."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pgtrigger
import pytest
from django.conf import settings
from django.db.models.functions import Now
from playwright.sync_api import Page, expect
from redis import Redis

from analytics_gateway.models import Analysis, Pin
from analytics_gateway.queue import breaker
from tests.support.factories import HELPDESK, make_ticket
from tests.support.workers import worker_process
from tickets.actions import close_ticket

FILES = {"Chart, SVG": "image/svg+xml", "Chart, PNG": "image/png", "Table, CSV": "text/csv"}


@pytest.fixture(autouse=True)
def broker() -> Iterator[None]:
    """The real broker, without messages and heartbeats of other tests."""
    redis = Redis.from_url(settings.REDIS_URL)
    redis.flushdb()
    breaker.reset()
    yield
    redis.flushdb()
    redis.close()


@pytest.fixture
def worker(site, broker, tmp_path) -> Iterator[None]:
    with worker_process(site, tmp_path / "worker.log"):
        yield


def compute(page: Page, service: str) -> None:
    page.get_by_role("link", name="Analytics").click()
    page.get_by_role("button", name=f"Show {service}").click()


def download(page: Page, link: str) -> tuple[int, str, int]:
    """Status, type and size of the target of a link in the menu."""
    answer = page.request.get(page.get_by_role("link", name=link).get_attribute("href"))
    return answer.status, answer.headers["content-type"].partition(";")[0], len(answer.body())


def test_analysis_from_request_to_downloads(enter, worker):
    for status in ("open", "active", "closed"):
        make_ticket(status)
    page = enter("helpdesk", "Hedda")
    page.get_by_role("link", name="Analytics").click()
    page.get_by_label("Period").fill("14")
    page.get_by_role("button", name="Show Unresolved tickets, opened recently").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("14 days")
    expect(page.locator(".headline")).to_contain_text("2 tickets opened in the last 14 days", timeout=60_000)

    picture = page.get_by_role("img", name="Bar chart")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    cells = page.get_by_role("region", name="Table of the result").get_by_role("row")
    expect(cells).not_to_have_count(0)
    page.locator("summary", has_text="Download").click()
    for link, kind in FILES.items():
        status, content_type, size = download(page, link)
        assert (status, content_type) == (200, kind)
        assert size > 50
    page.get_by_text("How this number is computed").click()
    expect(page.get_by_text("Checksum of the numbers")).to_be_visible()

    page.get_by_role("link", name="Analytics").first.click()
    expect(page.get_by_role("link", name="Unresolved tickets, opened recently", exact=True)).to_be_visible()


def test_waiting_analysis_is_cancelled(enter):
    page = enter("helpdesk", "Hedda")
    compute(page, "Active tickets by category")
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_result_is_pinned_shown_above_the_queue_and_unpinned(enter, worker):
    make_ticket("active")
    page = enter("helpdesk", "Hedda")
    compute(page, "Active tickets by category")
    expect(page.locator(".headline")).to_have_text("1 ticket is active now", timeout=60_000)
    page.get_by_role("button", name="Pin to the desk").click()
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()

    make_ticket("active")
    with pgtrigger.ignore("analytics_gateway.Analysis:analysis_final_stands"):
        Analysis.objects.update(requested_at=Now() - timedelta(seconds=61))
    page.get_by_role("link", name="Queue").click()
    card = page.get_by_role("article", name="Active tickets by category")
    expect(card.locator(".figure")).to_have_text("1 ticket is active now")
    expect(card).to_contain_text("updating…")
    expect(card.locator(".figure")).to_have_text("2 tickets are active now", timeout=60_000)
    expect(card).not_to_contain_text("updating…")
    picture = card.get_by_role("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")

    card.locator("summary").click()
    card.get_by_role("button", name="Unpin").click()
    expect(page).to_have_url(re.compile("/desk/$"))
    expect(page.get_by_role("heading", name="Pinned analyses")).to_have_count(0)


def test_pinned_analyses_need_no_javascript(enter):
    Pin.objects.create(service="active-by-category")
    page = enter("helpdesk", java_script_enabled=False)
    page.get_by_role("link", name="Pinned analyses").click()
    page.get_by_role("button", name="Update all").click()
    expect(page.get_by_role("article", name="Active tickets by category")).to_contain_text("updating…")
    page.locator("summary", has_text="More").click()
    page.get_by_role("button", name="Unpin").click()
    expect(page.get_by_role("heading", name="Nothing is pinned")).to_be_visible()


def test_page_reports_missing_workers(enter):
    page = enter("helpdesk")
    page.goto("/desk/analytics/")
    expect(page.get_by_role("status")).to_contain_text("No worker available for")
    expect(page.get_by_text("No result yet").first).to_be_visible()


def test_number_links_to_its_tickets_and_the_list_shows_what_has_changed(enter, worker):
    tickets = [make_ticket("active", description="The wifi is down") for _ in range(2)]
    page = enter("helpdesk", "Hedda")
    compute(page, "Active tickets by category")
    expect(page.locator(".headline")).to_contain_text("2 tickets are active now", timeout=60_000)
    page.get_by_role("row", name="Technical IT").get_by_role("link", name="2 tickets").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue · Active · Technical IT · 2 tickets")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.get_by_text("changed since")).to_have_count(0)

    close_ticket(tickets[0], by=HELPDESK)
    page.reload()
    expect(page.get_by_text("2 then, 1 now: changed since.")).to_be_visible()
    page.get_by_role("link", name="Active tickets by category").click()
    expect(page.get_by_text("Tickets have changed since.")).to_be_visible()
    page.get_by_role("link", name="Show these tickets").click()
    expect(page.locator("[data-row]")).to_have_count(1)
