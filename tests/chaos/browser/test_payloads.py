"""Text is text: every payload, in every field, on every page that shows it, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page

from tests.support.browser import BrowserErrors
from tests.support.chaos.browser.page_monitor import PageMonitor
from tests.support.chaos.browser.payloads import PAYLOADS
from tests.support.chaos.browser.sinks import SINKS, Visit
from tests.support.chaos.browser.stored_texts import import_campus, repair_tickets, store_analyses

# Harmless console messages: about a text shown in a number field; about JSON without an icon.
HARMLESS = ("cannot be parsed, or is out of range", "status of 404")


def visit_all(page: Page, site: str, folder: Path, few: list[str], repaired: list[str]) -> PageMonitor:
    stored = import_campus(PAYLOADS, folder)
    ids = repair_tickets(stored, repaired)
    visit = Visit(PageMonitor(page, site), stored, few, ids, store_analyses(stored, PAYLOADS))
    for check in SINKS:
        check(visit)
    return visit.monitor


def count_dialogs(errors: BrowserErrors) -> int:
    errors.reported = [error for error in errors.reported if not any(words in error[1] for words in HARMLESS)]
    return sum("a dialog opened" in text for _, text in errors.reported)


@pytest.mark.fault_fast
def test_text_is_text_wherever_it_is_shown(enter, browser_errors, site, tmp_path, amount, figures):
    few, repaired = PAYLOADS[:: amount(80, 6)], PAYLOADS[:: amount(16, 1)]
    monitor = visit_all(enter("helpdesk", "Hedda"), site, tmp_path, few, repaired)
    found = {
        "dialogs": count_dialogs(browser_errors),
        "scripts run, marks left, requests sent": monitor.ran,
        "violations of the policy": monitor.violations,
        "texts missing or changed": monitor.missing,
        "interface words reversed by a text nearby": monitor.backwards,
    }
    print(found)
    payloads, sinks = len(set(PAYLOADS)), len(monitor.sinks)
    figures.record("text_is_text", "payloads", payloads, goal=">= 150", is_met=payloads >= 150)
    figures.record(
        "text_is_text",
        "kinds of pages that show texts, pages opened",
        (sinks, monitor.pages),
        goal="all",
        is_met=sinks > 40,
    )
    figures.record(
        "text_is_text", "texts checked", monitor.checked, goal=">= 4,000", is_met=monitor.checked >= 4000
    )
    for what, faults in found.items():
        count = faults if isinstance(faults, int) else len(faults)
        figures.record("text_is_text", what, count, goal="0", is_met=count == 0)


@pytest.mark.fault_full
def test_text_is_text_without_the_content_policy(enter, browser_errors, site, tmp_path, figures):
    """Escaping alone is enough: the policy is the second line."""
    page = enter("helpdesk", "Hedda", bypass_csp=True)
    monitor = visit_all(page, site, tmp_path, PAYLOADS[::20], PAYLOADS)
    ran = len(monitor.ran) + count_dialogs(browser_errors)
    figures.record("text_is_text", "scripts run without the policy", ran, goal="0", is_met=ran == 0)
    assert monitor.missing == []


HARM = "<img src=x onerror=alert(1)><b data-ran>x</b><p><b>\u202ex</b> words</p>"


@pytest.mark.fault_fast
@pytest.mark.parametrize("is_off", [True, False], ids=["policy off", "policy on"])
def test_text_is_text_check_detects_scripts_and_marks(new_context, site, is_off):
    """Otherwise the tests above would prove nothing."""
    context, opened = new_context(bypass_csp=is_off), []
    context.on("dialog", lambda dialog: dismiss(dialog, opened))
    monitor = PageMonitor(context.new_page(), site)
    monitor.visit("entrance", "/", [])
    monitor.page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", HARM)
    monitor.page.wait_for_function(f"window.violations.length > 0 || {str(is_off).lower()}")
    monitor.page.evaluate("fetch('https://elsewhere.example/').catch(() => 0)")
    monitor.read("entrance", ["not there"])
    assert len(opened) == is_off
    assert bool(monitor.violations) != is_off
    assert len([found for _, found in monitor.ran if "data-ran" in found or "onerror" in found]) == 2
    assert monitor.missing == [("entrance", "not there")]
    assert len(monitor.backwards) == 1


def dismiss(dialog: Dialog, opened: list[str]) -> None:
    opened.append(dialog.message)
    dialog.dismiss()
