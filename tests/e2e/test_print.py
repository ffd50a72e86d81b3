"""Print and high contrast: neither keeps a background, and everything that had a meaning still has it."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from messaging.actions import post_message
from tests.support.factories import HELPDESK, make_ticket

A4 = {"portrait": {"width": 718, "height": 1046}, "landscape": {"width": 1046, "height": 718}}
TO_PRESS = "button, .button, summary, nav, textarea, input:not([type=hidden]), dialog"
SHOWN = """(selector) => [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility())
  .map((node) => node.outerHTML.slice(0, 80))"""
WITHOUT_BACKGROUNDS = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { background: none !important; }");
  document.adoptedStyleSheets.push(sheet);
}"""
STATUSES = ("open", "active", "closed")


def on_paper(page: Page, address: str, side: str) -> None:
    page.set_viewport_size(A4[side])
    page.goto(address, wait_until="networkidle")
    page.emulate_media(media="print", color_scheme="dark")


def words_of(page: Page, selector: str) -> list[str]:
    """The visible text."""
    return [part.inner_text() for part in page.locator(selector).all() if part.is_visible()]


@pytest.mark.parametrize("side", A4)
def test_printed_queue_has_ids_locations_and_statuses_in_full_width(enter, side):
    tickets = [make_ticket(status, description=f"{status} lamp", building="Library") for status in STATUSES]
    page = enter("helpdesk")
    on_paper(page, "/desk/", side)
    rows = words_of(page, ".queue tbody tr")
    for ticket, row in zip(reversed(tickets), rows, strict=True):
        assert all(word in row for word in (f"{ticket.pk}", ticket.summary, "Library", ticket.status.title()))
    assert page.locator(".queue table").bounding_box()["width"] > 0.95 * A4[side]["width"]
    assert page.evaluate("document.documentElement.scrollWidth") == A4[side]["width"]
    assert page.evaluate(SHOWN, TO_PRESS) == []


def test_printed_ticket_has_its_details_and_no_internal_note(enter):
    ticket = make_ticket("active", description="The lamp flickers", building="Library", room="2.01")
    post_message(ticket, by=HELPDESK, body="We come on Monday")
    post_message(ticket, by=HELPDESK, body="The caretaker is on leave", is_internal=True)
    page = enter("helpdesk")
    on_paper(page, f"/desk/tickets/{ticket.pk}/", "portrait")
    (text,) = words_of(page, "main")
    for word in (f"#{ticket.pk}", "The lamp flickers", "Active", "Library", "2.01", "We come on Monday"):
        assert word in text
    assert "on leave" not in text
    details, conversation = (page.locator(part).bounding_box() for part in ("#details", "#conversation"))
    assert details["y"] + details["height"] < conversation["y"]
    assert page.evaluate(SHOWN, TO_PRESS) == []
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 28, 32)"  # of the light page


def test_printed_list_has_its_tickets_and_no_filters(enter):
    ticket = make_ticket(building="Library")
    page = enter("user")
    on_paper(page, "/tickets/", "portrait")
    (text,) = words_of(page, "main")
    assert all(word in text for word in (f"#{ticket.pk}", ticket.summary, "Library", "Open"))
    assert words_of(page, ".chip") == []
    assert page.evaluate(SHOWN, TO_PRESS) == []


def share_filled(page: Page, status: str) -> float:
    """How much of a status' shape differs from its surroundings."""
    shape = page.locator(f".queue .status-{status} .dot")
    picture = Image.open(BytesIO(shape.screenshot(omit_background=True))).convert("L")
    ground = picture.getpixel((0, 0))
    return float((abs(np.asarray(picture, int) - ground) > 64).mean())


def test_status_shapes_differ_in_high_contrast(enter):
    for status in STATUSES:
        make_ticket(status)
    page = enter("helpdesk", forced_colors="active")
    page.goto("/desk/", wait_until="networkidle")
    hollow, half, full = (share_filled(page, status) for status in STATUSES)
    assert hollow + 0.1 < half < full - 0.1


def test_status_shapes_need_no_background(enter):
    """Browsers print none."""
    for status in STATUSES:
        make_ticket(status)
    page = enter("helpdesk")
    page.goto("/desk/", wait_until="networkidle")
    page.evaluate(WITHOUT_BACKGROUNDS)
    hollow, half, full = (share_filled(page, status) for status in STATUSES)
    assert hollow + 0.1 < half < full - 0.1


BORDERS = """(selector) => [...document.querySelectorAll(selector)].map((node) =>
  getComputedStyle(node).borderTopWidth)"""


CHOSEN = {
    "user": [("/tickets/?status=open", ".chips > .chip"), ("/tickets/", ".site-nav a")],
    "helpdesk": [("/desk/?status=open", ".sidebar li a"), ("/desk/", ".site-nav a")],
}


@pytest.mark.parametrize("role", CHOSEN)
def test_chosen_filter_and_current_page_are_marked_in_high_contrast(enter, role):
    make_ticket()
    page = enter(role, forced_colors="active")
    for address, selector in CHOSEN[role]:
        page.goto(address, wait_until="networkidle")
        chosen = set(page.evaluate(BORDERS, f"{selector}[aria-current]"))
        others = set(page.evaluate(BORDERS, f"{selector}:not([aria-current])"))
        assert chosen == {"3px"}
        assert others
        assert not chosen & others
