"""Text is text: every payload, in every field, in every place that shows it, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page

from tests.support.browser import BrowserErrors
from tests.support.chaos.browser.campus import import_campus, repair_tickets, store_analyses
from tests.support.chaos.browser.payloads import PAYLOADS
from tests.support.chaos.browser.sinks import SINKS, Visit
from tests.support.chaos.browser.watch import Watch

# Harmless console messages: about a text shown in a number field; about JSON without an icon.
HARMLESS = ("cannot be parsed, or is out of range", "status of 404")


def visit_all(page: Page, site: str, folder: Path, few: list[str], repaired: list[str]) -> Watch:
    campus = import_campus(PAYLOADS, folder)
    told = repair_tickets(campus, repaired)
    visit = Visit(Watch(page, site), campus, few, told, store_analyses(campus, PAYLOADS))
    for look in SINKS:
        look(visit)
    return visit.watch


def count_dialogs(errors: BrowserErrors) -> int:
    errors.reported = [error for error in errors.reported if not any(words in error[1] for words in HARMLESS)]
    return sum("a dialog opened" in text for _, text in errors.reported)


@pytest.mark.fault_fast
def test_text_is_text_wherever_it_is_shown(enter, browser_errors, site, tmp_path, amount, figures):
    few, repaired = PAYLOADS[:: amount(80, 6)], PAYLOADS[:: amount(8, 1)]
    watch = visit_all(enter("helpdesk", "Hedda"), site, tmp_path, few, repaired)
    found = {
        "dialogs": count_dialogs(browser_errors),
        "scripts run, marks left, requests sent": watch.ran,
        "violations of the policy": watch.violations,
        "texts missing or changed": watch.missing,
        "our words turned round by a text nearby": watch.backwards,
    }
    print(found)
    payloads, sinks = len(set(PAYLOADS)), len(watch.sinks)
    figures.record("text_is_text", "payloads", payloads, goal=">= 150", is_met=payloads >= 150)
    figures.record(
        "text_is_text",
        "places that show texts, pages opened",
        (sinks, watch.pages),
        goal="all",
        is_met=sinks > 40,
    )
    figures.record(
        "text_is_text", "texts looked at", watch.looked, goal=">= 4,000", is_met=watch.looked >= 4000
    )
    for what, faults in found.items():
        count = faults if isinstance(faults, int) else len(faults)
        figures.record("text_is_text", what, count, goal="0", is_met=count == 0)


@pytest.mark.fault_full
def test_text_is_text_without_the_content_policy(enter, browser_errors, site, tmp_path, figures):
    """Escaping alone is enough: the policy is the second line."""
    page = enter("helpdesk", "Hedda", bypass_csp=True)
    watch = visit_all(page, site, tmp_path, PAYLOADS[::20], PAYLOADS)
    ran = len(watch.ran) + count_dialogs(browser_errors)
    figures.record("text_is_text", "scripts run without the policy", ran, goal="0", is_met=ran == 0)
    assert watch.missing == []


HARM = "<img src=x onerror=alert(1)><b data-ran>x</b><p><b>\u202ex</b> words</p>"


@pytest.mark.fault_fast
@pytest.mark.parametrize("is_off", [True, False], ids=["policy off", "policy on"])
def test_text_is_text_check_notices_what_would_run(new_context, site, is_off):
    """Or the tests above would prove nothing."""
    context, opened = new_context(bypass_csp=is_off), []
    context.on("dialog", lambda dialog: dismiss(dialog, opened))
    watch = Watch(context.new_page(), site)
    watch.visit("door", "/", [])
    watch.page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", HARM)
    watch.page.wait_for_function(f"window.violations.length > 0 || {str(is_off).lower()}")
    watch.page.evaluate("fetch('https://elsewhere.example/').catch(() => 0)")
    watch.read("door", ["not there"])
    assert len(opened) == is_off
    assert bool(watch.violations) != is_off
    assert len([found for _, found in watch.ran if "data-ran" in found or "onerror" in found]) == 2
    assert watch.missing == [("door", "not there")]
    assert len(watch.backwards) == 1


def dismiss(dialog: Dialog, opened: list[str]) -> None:
    opened.append(dialog.message)
    dialog.dismiss()
