"""Photos from the form to the conversation, on a phone's size, with and without scripts."""

import re
from pathlib import Path

import pytest
from django.db.models.functions import Now
from playwright.sync_api import Page, expect

from messaging.attachments.cleaning import STAGED_TIME, withdraw_unsent
from messaging.attachments.models import Attachment
from tests.support.photos import encode, photo_of, picture
from tests.support.staged_photos import prepare_all
from tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("own_storage")
PHONE = {"viewport": {"width": 360, "height": 740}}
SENT = re.compile(r"/tickets/\d+/sent/")
TEXT = "The lift in the library is stuck"
DRAFT = "localStorage.getItem('unsent:/tickets/new/')"


@pytest.fixture
def files(tmp_path):
    made = {"lift.jpg": photo_of(1), "door.png": encode(picture(), "PNG")}
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in made]


def open_form(page: Page) -> None:
    page.goto("/tickets/new/")
    page.get_by_label("The problem").fill(TEXT)


def upload(page: Page, files: list[Path]) -> None:
    page.get_by_label("Add photos").set_input_files(files)
    expect(page.get_by_role("button", name=f"Remove photo {len(files)}")).to_be_visible()


def send(page: Page) -> None:
    """And to the ticket's page."""
    page.get_by_role("button", name="Report it").click()
    page.wait_for_url(SENT)
    page.goto(page.url.replace("sent/", ""))


def test_photos_are_shown_at_once_and_sent_with_the_report(enter, files):
    page = enter("user", **PHONE)
    open_form(page)
    page.get_by_label("Add photos").set_input_files(files)
    expect(page.locator(".photo canvas")).to_have_count(2)
    page.get_by_role("button", name="Remove photo 1").click()
    expect(page.get_by_role("button", name="Remove photo 1")).to_have_count(0)
    expect(page.get_by_label("The problem")).to_have_value(TEXT)
    prepare_all()
    expect(page.get_by_role("img", name="Photo 2")).to_be_visible()
    send(page)
    picture = page.locator("#conversation").get_by_role("img", name="Photo 2")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 120
    assert Ticket.objects.get().photos.count() == 1


def test_photos_of_a_draft_are_there_again(enter, files):
    page = enter("user", **PHONE)
    open_form(page)
    upload(page, files)
    page.context.clear_cookies(name="sessionid")
    page.goto("/tickets/new/")
    page.get_by_role("button", name="I have a problem").click()
    page.goto("/tickets/new/")
    expect(page.get_by_label("The problem")).to_have_value(TEXT)
    page.get_by_role("button", name="Remove photo 1").click()
    expect(page.get_by_role("button", name="Remove photo 1")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Remove photo 2")).to_be_visible()
    send(page)
    assert [photo.position for photo in Ticket.objects.get().photos.all()] == [2]


def test_discarded_draft_loses_its_photos(enter, files):
    page = enter("user", **PHONE)
    open_form(page)
    upload(page, files)
    page.reload()
    expect(page.get_by_role("button", name="Remove photo 2")).to_be_visible()
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_role("button", name="Remove photo")).to_have_count(0)
    page.get_by_label("The problem").fill(TEXT)
    send(page)
    assert Ticket.objects.get().photos.count() == 0


def let_a_day_pass() -> None:
    Attachment.objects.update(uploaded_at=Now() - STAGED_TIME)
    withdraw_unsent()


def test_draft_says_that_its_photos_are_gone(enter, files):
    page = enter("user", **PHONE)
    open_form(page)
    upload(page, files)
    key = page.locator("[name=key]").input_value()
    let_a_day_pass()
    page.reload()
    expect(page.get_by_text("Its photos are gone")).to_be_visible()
    expect(page.get_by_label("The problem")).to_have_value(TEXT)
    assert page.locator("[name=key]").input_value() != key
    upload(page, files)
    page.get_by_label("The problem").fill("")
    page.reload()
    expect(page.get_by_role("button", name="Remove photo 2")).to_be_visible()
    expect(page.get_by_text("Its photos are gone")).to_be_hidden()
    let_a_day_pass()
    page.reload()
    page.wait_for_function(f"() => !({DRAFT})")
    expect(page.get_by_text("Your unsent text is here again")).to_be_hidden()


def test_refused_photo_is_no_draft(enter, files):
    page = enter("user", **PHONE)
    page.goto("/tickets/new/")
    files[0].write_bytes(b"")
    page.get_by_label("Add photos").set_input_files(files[:1])
    expect(page.get_by_role("alert")).to_contain_text("lift.jpg: The file is empty.")
    assert page.evaluate(DRAFT) is None


def test_sent_draft_does_not_come_back_from_another_tab(enter, files):
    page = enter("user", **PHONE)
    open_form(page)
    upload(page, files)
    other = page.context.new_page()
    other.goto("/tickets/new/")
    expect(other.get_by_role("button", name="Remove photo 2")).to_be_visible()
    send(other)
    expect(page.get_by_role("button", name="Remove photo")).to_have_count(0)
    assert page.evaluate(DRAFT) is None


def test_report_waits_for_its_photos(enter, files):
    page = enter("user", **PHONE)
    open_form(page)
    page.route("**/photos/", lambda route: (page.wait_for_timeout(500), route.continue_()))
    page.get_by_label("Add photos").set_input_files(files)
    page.get_by_role("button", name="Report it").click()
    page.wait_for_url(SENT)
    assert Ticket.objects.get().photos.count() == 2


def test_photo_in_a_conversation_appears_when_it_is_prepared(enter, files):
    page = enter("user", **PHONE)
    open_form(page)
    send(page)
    page.get_by_label("Write a message").fill("This is how it looks")
    page.get_by_label("Add photos").set_input_files(files[:1])
    expect(page.get_by_role("button", name="Remove photo 1")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#conversation").get_by_text("Being prepared")).to_be_visible()
    prepare_all()
    expect(page.locator("#conversation").get_by_role("img", name="Photo 1")).to_be_visible()


def test_photos_are_sent_without_scripts(enter, files):
    page = enter("user", java_script_enabled=False, **PHONE)
    open_form(page)
    page.get_by_label("Add photos").set_input_files(files)
    send(page)
    expect(page.locator("#conversation").get_by_text("Being prepared")).to_have_count(2)
    assert Attachment.objects.filter(ticket=Ticket.objects.get()).count() == 2


def test_bad_photo_without_scripts_leaves_text_and_the_other_one(enter, files):
    page = enter("user", java_script_enabled=False, **PHONE)
    open_form(page)
    files[1].write_bytes(b"")
    page.get_by_label("Add photos").set_input_files(files)
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("alert")).to_contain_text("door.png: The file is empty.")
    expect(page.get_by_label("The problem")).to_have_value(TEXT)
    send(page)
    expect(page.locator("#conversation").get_by_text("Being prepared")).to_have_count(1)
