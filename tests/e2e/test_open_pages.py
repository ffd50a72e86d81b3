"""A ticket's page that stays open while others work: it follows, and nothing jumps under the pointer."""

import pytest
from playwright.sync_api import Page, expect

from common.roles import Caller, Role
from tests.support.factories import USER, make_ticket
from tickets.actions import activate_ticket, edit_ticket
from tickets.models import Ticket

ANNA = Caller(Role.HELPDESK, name="Anna", session="session-of-anna")


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket()


@pytest.fixture
def desk(enter, ticket) -> Page:
    page = enter("helpdesk", "Hedda")
    page.clock.install()
    page.goto(f"/desk/tickets/{ticket.pk}/")
    return page


def test_replaced_button_is_enabled_after_a_delay(desk, ticket):
    desk.get_by_label("Write a message").fill("On my way")
    desk.get_by_text("Change category").click()
    desk.get_by_role("button", name="Take up").hover()
    activate_ticket(ticket, by=ANNA)
    desk.clock.fast_forward("00:16")
    expect(desk.get_by_text("Anna took it up just now")).to_be_visible()
    expect(desk.get_by_label("Details")).to_contain_text("Active")
    expect(desk.get_by_role("button", name="Close")).to_be_disabled()
    desk.clock.fast_forward("00:02")
    expect(desk.get_by_role("button", name="Close")).to_be_enabled()
    expect(desk.get_by_label("Write a message")).to_have_value("On my way")
    assert desk.evaluate("document.activeElement.innerText") == "Change category"
    desk.get_by_role("button", name="Facility management").click()
    expect(desk.get_by_text(f"Ticket {ticket.pk} is now in category")).to_be_visible()


def test_details_are_updated_after_the_pointer_has_left_a_control(desk, ticket):
    desk.get_by_text("Change category").click()
    button = desk.get_by_role("button", name="Facility management")
    button.hover()
    before = button.bounding_box()
    changes = {"description": "The lamp hums\n" + "and the wifi is down\n" * 5, "building": "Library"}
    edit_ticket(activate_ticket(ticket, by=ANNA), by=USER, version=2, changes=changes)
    desk.clock.fast_forward("00:16")
    expect(desk.get_by_label("Details")).to_contain_text("Active")
    expect(desk.get_by_role("heading", level=1)).to_have_text("The lamp hums")
    expect(desk.get_by_label("Details")).not_to_contain_text("Library")
    assert button.bounding_box() == before
    desk.mouse.move(0, 0)
    desk.clock.fast_forward("00:01")
    expect(desk.get_by_label("Details")).to_contain_text("Library")
    expect(desk.locator("input[name=version]")).to_have_value("3")
    expect(button).to_be_visible()
