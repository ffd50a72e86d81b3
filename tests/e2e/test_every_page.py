"""Every page, light and dark, wide and narrow: no accessibility violations, no sideways scrolling.

The browser's own errors (scripts, the content policy) are collected by `browser_errors` in conftest.py.
"""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from analytics_gateway.actions import cancel_analysis, pause_schedule
from analytics_gateway.attempts import fail_analysis, record_progress
from analytics_gateway.models import Pin
from incoming_mail.receiving import receive
from messaging.actions import post_message
from messaging.models import Message
from notifications.models import NotificationSettings, State
from notifications.tokens import sign_confirmation, sign_ending
from places.edits import PlaceFields
from places.merge_proposals import compare_places
from tests.support.analyses import (
    make_analysis,
    make_done,
    make_running,
    make_schedule,
)
from tests.support.factories import HELPDESK, LAMP, file, make_conversation, make_secret, make_ticket
from tests.support.mail_servers import make_subscription
from tests.support.mails import mail
from tests.support.staged_photos import make_message, make_photo
from tests.support.triage_models import WITH_FIGURES, make_active, store_shipped_version, store_version
from tickets.actions import close_ticket, edit_ticket
from tickets.models import Ticket, TicketEvent, TriageModel
from tickets.place_actions import save_place

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
OPTIONS = {"resultTypes": ["violations"], "preload": False}
COLOURS_ONLY = OPTIONS | {"runOnly": ["color-contrast"]}
DRILLDOWN = "analysis=00000000-0000-4000-8000-000000000000&counted=3&as_of=2026-04-01T10:00:00Z"
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitaensmuetzenhalterung" * 3
MENUS_OFF_SCREEN = """() => [...document.querySelectorAll("details.menu")].filter((menu) => {
  menu.open = true;
  const box = menu.lastElementChild.getBoundingClientRect();
  menu.open = false;
  return box.left < 0 || box.right > innerWidth;
}).map((menu) => menu.innerText.trim())"""
axe = Axe()


def find_faults(page: Page) -> list[str]:
    """Accessibility violations of the page as it is."""
    faults = find_violations(page, OPTIONS, "light")
    page.emulate_media(color_scheme="dark")
    faults += find_violations(page, COLOURS_ONLY, "dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    faults += find_overflow(page)
    page.set_viewport_size(WIDE)
    return faults


def find_overflow(page: Page) -> list[str]:
    """What does not fit on the narrow screen."""
    width = page.evaluate("document.documentElement.scrollWidth")
    faults = [f"a menu opens outside the screen: {menu}" for menu in page.evaluate(MENUS_OFF_SCREEN)]
    return faults + ([f"{width} px wide"] if width > NARROW["width"] else [])


def find_violations(page: Page, options: dict, theme: str) -> list[str]:
    return [
        f"{theme}: {rule['id']}: {', '.join(node['html'][:120] for node in rule['nodes'])}"
        for rule in axe.run(page, options=options).response["violations"]
    ]


def find_faults_of_pages(page: Page, addresses: dict[str, int]) -> dict[str, list[str]]:
    """The problems of each page by address; addresses with the status that each should have."""
    page.set_viewport_size(WIDE)
    faults = {}
    for address, status in addresses.items():
        answer = page.goto(address)
        assert answer.status == status, address
        expect(page.locator(".htmx-request")).to_have_count(0)  # what it asks for when it has loaded is there
        faults[address] = find_faults(page)
    return {address: found for address, found in faults.items() if found}


def send_form(page: Page, address: str, button: str, fill: Callable[[Page], object]) -> list[str]:
    """The problems of the page that answers a form."""
    page.set_viewport_size(WIDE)
    page.goto(address)
    fill(page)
    with page.expect_navigation():
        page.get_by_role("button", name=button).first.click()
    return find_faults(page)


@pytest.fixture
def tickets() -> dict[str, Ticket]:
    """One of each status; texts that are as long and as strange as people write them."""
    texts = {
        "open": f"{LONG_WORD}\nis loose",
        "active": "The WIFI in the library is down, my laptop cannot connect",
        "closed": "The soup in the canteen was cold",
    }
    made = {
        status: make_ticket(status, description=text, building=LONG_WORD[:90])
        for status, text in texts.items()
    }
    make_conversation(made["active"])
    make_photo(made["active"])
    make_message(made["active"], photos=2)
    return made


def test_entrance_is_accessible(browse):
    assert (
        find_faults_of_pages(browse(), {"/": 200, "/nowhere/": 404, "/api/docs/": 200, "/offline/": 200})
        == {}
    )


def test_portal_is_accessible(enter, browse, tickets):
    closing = make_ticket("active", description=f"{LONG_WORD}\nis loose", building=LONG_WORD[:90])
    secrets = [make_secret(tickets["open"]), make_secret(closing)]
    close_ticket(closing, by=HELPDESK)
    for secret in secrets:
        assert find_faults_of_pages(browse(), {f"/t/{secret}/": 200}) == {}
    addresses = {
        "/": 200,
        "/tickets/": 200,
        "/tickets/?is_mine=true": 200,
        f"/tickets/{tickets['open'].pk}/sent/": 200,
        "/tickets/?status=open&category=it&q=nothing&building=Library": 200,
        "/tickets/?opened_after=yesterday": 400,
        "/tickets/new/": 200,
        f"/tickets/{tickets['open'].pk}/": 200,
        f"/tickets/{tickets['active'].pk}/": 200,
        f"/tickets/{tickets['active'].pk}/edit/": 200,
        f"/tickets/{tickets['closed'].pk}/": 404,
        "/desk/": 403,
    }
    assert find_faults_of_pages(enter("user", LONG_WORD[:70]), addresses) == {}


def test_empty_pages_are_accessible(enter):
    assert find_faults_of_pages(enter("user"), {"/tickets/": 200}) == {}
    desk = dict.fromkeys(["/desk/", "/desk/analytics/", "/desk/reports/"], 200)
    assert find_faults_of_pages(enter("helpdesk"), desk) == {}


def test_responses_to_forms_are_accessible(enter, tickets):
    page = enter("user", "Ursula")
    page.goto("/tickets/new/")

    def fill_nothing(page: Page) -> None:
        page.get_by_label("The problem").fill("\u200b")

    def fill_too_late(page: Page) -> None:
        seen = Ticket.objects.get(pk=tickets["open"].pk)
        edit_ticket(seen, by=HELPDESK, version=seen.version, changes={"room": "2.01"})
        page.get_by_label("The problem").fill("Another text")

    assert send_form(page, "/tickets/new/", "Report it", fill_nothing) == []
    assert send_form(page, f"/tickets/{tickets['open'].pk}/edit/", "Save", fill_too_late) == []


def test_pages_with_user_texts_are_accessible(enter):
    page = enter("user", "Ursula")
    text = "The lift is stuck"

    def fill_without_a_session(page: Page) -> None:
        page.get_by_label("The problem").fill(text)
        page.context.clear_cookies(name="sessionid")

    assert send_form(page, "/tickets/new/", "Report it", fill_without_a_session) == []
    page.get_by_role("button", name="I have a problem").click()
    page.get_by_role("button", name="Switch role").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert find_faults(page) == []
    page.get_by_role("button", name="Stay").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Report it").click()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You sent this")
    assert find_faults(page) == []


def test_desk_is_accessible(enter, tickets):
    addresses = {
        "/desk/": 200,
        "/desk/?status=open&needs_review=true&q=canteen": 200,
        f"/desk/?status=open&status=active&building_is={LONG_WORD[:90]}&from_month=2020-01&{DRILLDOWN}": 200,
        **{f"/desk/tickets/{ticket.pk}/": 200 for ticket in tickets.values()},
        f"/desk/tickets/{tickets['open'].pk}/edit/": 200,
        f"/desk/tickets/{tickets['closed'].pk}/edit/": 409,
    }
    assert find_faults_of_pages(enter("helpdesk", "Hedda"), addresses) == {}


def test_pinned_analyses_are_accessible(enter, tickets):
    assert find_faults_of_pages(enter("helpdesk"), {"/desk/pinned/": 200}) == {}
    make_done()
    Pin.objects.create(service="unresolved", params={"period": "7d"})
    for days in range(1, 6):
        Pin.objects.create(service="backlog", params={"days": days})
    assert find_faults_of_pages(enter("helpdesk", "Hedda"), {"/desk/": 200, "/desk/pinned/": 200}) == {}


def test_places_are_accessible(enter):
    assert find_faults_of_pages(enter("helpdesk"), {"/desk/places/": 200, "/desk/places/posters/": 200}) == {}
    for name in ("Main Building", "Main Bldg"):
        make_ticket(building=name, room=LONG_WORD[:90])
    compare_places()
    gym = save_place(None, by=HELPDESK, fields=PlaceFields(LONG_WORD[:90], "G", LONG_WORD[:90]))
    addresses = {
        "/desk/places/": 200,
        "/desk/places/posters/": 200,
        f"/desk/places/posters/?place={gym.pk}&layout=poster": 200,
        "/desk/places/posters/?layout=x": 400,
    }
    page = enter("helpdesk", "Hedda")
    assert find_faults_of_pages(page, addresses) == {}
    page.goto("/desk/places/")
    assert send_form(page, "/desk/places/", "Import", lambda page: None) == []


def test_mails_are_accessible(enter):
    assert find_faults_of_pages(enter("helpdesk"), {"/desk/mail/": 200, "/desk/mail/?state=done": 200}) == {}
    done = receive(mail(LONG_WORD, Subject=LONG_WORD))
    aside = receive(mail(From=f"{LONG_WORD[:60]}@x.edu, b@x.edu"))
    addresses = {
        "/desk/mail/": 200,
        f"/desk/mail/{done.pk}/": 200,
        f"/desk/mail/{aside.pk}/": 200,
        f"/desk/tickets/{done.ticket.pk}/": 200,
    }
    page = enter("helpdesk", "Hedda")
    assert find_faults_of_pages(page, addresses) == {}

    def fill_nothing(page: Page) -> None:
        page.get_by_label("Text of the ticket").fill("\u200b")

    assert send_form(page, f"/desk/mail/{aside.pk}/", "Make a ticket of it", fill_nothing) == []
    page = enter("helpdesk", "Hedda")
    assert find_faults_of_pages(page, {"/desk/outbox/": 200}) == {}
    ticket = make_ticket(description=LONG_WORD)
    subscription = make_subscription(ticket, f"{LONG_WORD[:60]}@example.edu")
    post_message(ticket, by=HELPDESK, body=LONG_WORD)
    delivery = subscription.deliveries.get()
    delivery.last_error, delivery.state = LONG_WORD, State.FAILED
    delivery.save()
    waiting = make_subscription(ticket, browser="otto", is_confirmed=False)
    addresses = [
        "/desk/outbox/",
        f"/desk/outbox/{delivery.pk}/",
        f"/desk/tickets/{ticket.pk}/",
        f"/mail/confirm/{sign_confirmation(waiting.pk)}/",
        f"/mail/unsubscribe/{sign_ending(waiting.pk)}/",
    ]
    assert find_faults_of_pages(page, dict.fromkeys(addresses, 200)) == {}


def test_category_accuracy_is_accessible(enter):
    assert find_faults_of_pages(enter("helpdesk"), {"/desk/quality/": 200}) == {}
    for category in ("facility", "it", "services"):
        file(make_ticket(description=LAMP), category)
    make_ticket(description="???")
    store_shipped_version()
    store_version("2-refused", refusal=LONG_WORD, **WITH_FIGURES)
    make_active(activated_by_name=LONG_WORD[:70])
    addresses = {"/desk/quality/": 200, "/desk/?filed_as=facility&outcome=changed": 200}
    assert find_faults_of_pages(enter("helpdesk", "Hedda"), addresses) == {}


def test_another_version_can_be_chosen_by_keyboard_only(enter):
    shipped = store_shipped_version()
    make_active()
    page = enter("helpdesk", "Hedda")
    page.goto("/desk/quality/")
    menu = page.locator("summary", has_text="Use this version")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"Version {shipped.version} categorises new tickets")
    assert TriageModel.objects.get(is_active=True).version == shipped.version


def test_analytics_are_accessible(enter):
    failed = make_running(attempt=3)
    fail_analysis(failed.pk, 3, "The API did not answer.", retry=True)
    cancelled = cancel_analysis(make_analysis(), by=HELPDESK)
    pause_schedule(make_schedule(), by=HELPDESK)
    make_schedule(service="unresolved", params={"period": "7d"}, cadence="weekly", weekday=0)
    reading = make_running()
    record_progress(reading.pk, 1, "fetching", 40)
    analyses = [make_analysis(), make_running(), reading, make_done(), failed, cancelled]
    addresses = ["/desk/analytics/", "/desk/reports/", *(f"/desk/analytics/{a.pk}/" for a in analyses)]
    assert find_faults_of_pages(enter("helpdesk", "Hedda"), dict.fromkeys(addresses, 200)) == {}


def test_admin_is_accessible(enter, tickets):
    make_done()
    make_schedule()
    NotificationSettings.objects.get_or_create(pk=1)
    event, message = TicketEvent.objects.first(), Message.objects.first()
    gym = save_place(None, by=HELPDESK, fields=PlaceFields("Gym", "G", spellings=("Sports Hall",)))
    court = save_place(None, by=HELPDESK, fields=PlaceFields("Court"), building=gym)
    addresses = [
        "/admin/",
        "/admin/places/building/",
        "/admin/places/building/add/",
        f"/admin/places/building/{gym.pk}/change/",
        "/admin/places/room/",
        f"/admin/places/room/{court.pk}/change/",
        "/admin/places/placechange/",
        "/admin/tickets/ticket/",
        f"/admin/tickets/ticket/{tickets['closed'].pk}/change/",
        "/admin/tickets/ticketevent/",
        f"/admin/tickets/ticketevent/{event.pk}/change/",
        "/admin/notifications/notificationsettings/",
        "/admin/notifications/notificationsettings/1/change/",
        "/admin/messaging/message/",
        f"/admin/messaging/message/{message.pk}/change/",
        f"/admin/tickets/ticket/{tickets['open'].pk}/history/",
    ]
    refused = {
        "/admin/tickets/ticket/add/": 403,
        "/admin/nowhere/": 404,
        "/admin/tickets/ticket/?status=x": 200,
    }
    assert find_faults_of_pages(enter("helpdesk", "Hedda"), dict.fromkeys(addresses, 200) | refused) == {}
