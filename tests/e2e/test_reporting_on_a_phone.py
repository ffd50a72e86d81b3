"""Reporting on a phone: one tap to the field, and all that matters above the keyboard."""

import time

import pytest
from playwright.sync_api import Page, expect

from tickets.models import Ticket

PHONE, ABOVE_KEYBOARD = {"width": 360, "height": 640}, {"width": 360, "height": 340}


def bottom_of(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    assert box["y"] >= 0, selector
    return box["y"] + box["height"]


def test_field_findings_and_button_fit_above_the_keyboard(browse):
    page = browse(viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="I have a problem").tap()
    field = page.get_by_label("The problem")
    expect(field).to_be_focused()
    page.set_viewport_size(ABOVE_KEYBOARD)
    field.press_sequentially("The lift in the library is stuck")
    expect(page.locator("#guess")).to_contain_text("Facility management")
    shown = [bottom_of(page, selector) for selector in ("#field-description", "#guess", ".send-bar .button")]
    assert max(shown) <= ABOVE_KEYBOARD["height"], shown
    with page.expect_navigation():
        page.get_by_role("button", name="Report it").tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You sent this as ticket")


@pytest.mark.parametrize("has_script", [True, False])
def test_category_and_name_are_chosen_before_sending(browse, has_script):
    page = browse(viewport=PHONE, java_script_enabled=has_script)
    start, taps = time.monotonic(), 2
    page.get_by_role("button", name="I have a problem").click()
    page.get_by_label("The problem").fill("The lift in the library is stuck")
    page.get_by_label("Category").select_option("services")
    if has_script:
        expect(page.locator("#guess")).to_contain_text("as you chose")
    page.get_by_label("Your name").fill("Ada")
    with page.expect_navigation():
        page.get_by_role("button", name="Report it").click()
    print(f"report on a phone: {time.monotonic() - start:.1f} s, {taps} taps beside typing")
    ticket = Ticket.objects.get()
    assert (ticket.category, ticket.category_source, ticket.opener_name) == ("services", "person", "Ada")
