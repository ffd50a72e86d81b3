"""Light or dark follows the system until somebody chooses, and the choice is remembered."""

import pytest
from playwright.sync_api import Page, expect

GROUNDS = {"light": "rgb(250, 250, 248)", "dark": "rgb(18, 19, 22)"}


def ground(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


@pytest.mark.parametrize(("system", "chosen"), [("light", "dark"), ("dark", "light")])
def test_chosen_theme_is_remembered(browse, system, chosen):
    page = browse(color_scheme=system)
    assert ground(page) == GROUNDS[system]
    page.locator("summary", has_text="Light or dark").click()
    page.get_by_role("button", name=chosen.capitalize(), exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", chosen)
    assert ground(page) == GROUNDS[chosen]

    later = page.context.new_page()
    later.goto("/tickets/")
    assert ground(later) == GROUNDS[chosen]
    later.locator("summary", has_text="Light or dark").click()
    later.get_by_role("button", name="Like the system").click()
    expect(later.locator("html:not([data-theme])")).to_have_count(1)
    assert ground(later) == GROUNDS[system]


def test_theme_can_be_chosen_without_javascript(browse):
    page = browse(color_scheme="light", java_script_enabled=False)
    page.locator("summary", has_text="Light or dark").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
