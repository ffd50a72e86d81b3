"""Photos of forms, with and without scripts, and those of a conversation."""

import re

import pytest

from messaging.attachments.models import Attachment, State
from messaging.models import Message
from tests.support.clients import enter
from tests.support.factories import HELPDESK, make_ticket
from tests.support.staged_photos import make_message, make_ready, make_report, small_jpeg, upload
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db
TEXT = "The lamp in the hall is broken"


def page_of(response) -> str:
    return response.content.decode()


def report(person, *photos, key: str = "key", **fields):
    return person.post("/tickets/new/", {"description": TEXT, "key": key, "photos": photos} | fields)


def test_report_form_sends_text_and_photos_at_once(user):
    assert report(user, upload(), upload(small_jpeg(50))).status_code == 302
    ticket = Ticket.objects.get()
    assert [photo.position for photo in ticket.photos.all()] == [1, 2]
    assert page_of(user.get(f"/tickets/{ticket.pk}/")).count("Being prepared") == 2


def test_report_form_without_a_key_takes_photos_too(user):
    report(user, upload(), key="")
    assert Ticket.objects.get().photos.count() == 1


@pytest.mark.parametrize("size", ["empty", "sixth"])
def test_refused_photo_leaves_text_and_other_photos(user, size):
    files = [upload(small_jpeg(30 + number)) for number in range(5)]
    files.append(upload(b"" if size == "empty" else small_jpeg(60), name="last.jpg"))
    answer = report(user, *files)
    page = page_of(answer)
    assert answer.status_code == 400
    assert not Ticket.objects.exists()
    assert "last.jpg: " in page
    assert (TEXT in page, page.count("Being prepared")) == (True, 5)
    assert report(user).status_code == 302  # the same form again, without the file
    assert Ticket.objects.get().photos.count() == 5


def test_refused_text_leaves_the_photos(user):
    page = page_of(report(user, upload(), description=""))
    assert "Being prepared" in page
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    report(user, key=key)
    assert Ticket.objects.get().photos.count() == 1


def test_photos_without_a_text_are_not_replaced_by_an_older_draft(user):
    page = page_of(report(user, upload(), upload(b""), description=""))
    assert ("Being prepared" in page, "data-typed" in page) == (True, True)
    assert "data-typed" not in page_of(user.get("/tickets/new/?key=key"))


def test_key_with_a_null_byte_has_no_photos(user):
    answer = user.post("/photos/", {"key": "a\x00"})
    assert (answer.status_code, "<img" in page_of(answer)) == (200, False)
    assert report(user, key="a\x00").status_code == 400


def test_photos_follow_a_form_whose_key_was_used(user):
    report(user, upload())
    page = page_of(report(user, upload(small_jpeg(50)), description="Another text"))
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    assert (key != "key", page.count("Being prepared")) == (True, 1)


def test_form_sent_twice_has_each_photo_once(user):
    for _ in range(2):
        report(user, upload())
    assert (Ticket.objects.count(), Attachment.objects.count()) == (1, 1)


def test_photo_is_removed_from_the_form_without_scripts(user):
    page = page_of(report(user, upload(), upload(small_jpeg(50)), description=""))
    first, second = Attachment.objects.order_by("position")
    page = page_of(report(user, remove_photo=str(first.pk), description=TEXT))
    assert (TEXT in page, str(first.pk) in page, str(second.pk) in page) == (True, False, True)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("value", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_removal_of_an_unknown_photo_only_shows_the_form_again(user, value):
    assert TEXT in page_of(report(user, remove_photo=value))
    assert not Ticket.objects.exists()


def test_photos_are_uploaded_before_the_form_is_sent(user):
    strip = user.post("/photos/", {"key": "key", "photos": [upload()]})
    assert strip.status_code == 200
    assert 'hx-get="/photos/staged/?key=key"' in page_of(strip)
    photo = make_ready(Attachment.objects.get())
    strip = page_of(user.get("/photos/staged/?key=key"))
    assert f"/api/v1/attachments/{photo.pk}/small.jpg" in strip
    assert "hx-trigger" not in strip.partition("<ul")[0]
    assert "photo" not in page_of(enter("user").get("/photos/staged/?key=key")).replace("photo-strip", "")
    removed = page_of(user.post("/photos/", {"key": "key", "remove_photo": str(photo.pk)}))
    assert str(photo.pk) not in removed


def test_message_form_sends_photos(user, helpdesk):
    ticket = make_ticket()
    form = {"body": "Look", "key": "key", "photos": [upload()]}
    assert user.post(f"/tickets/{ticket.pk}/messages/", form).status_code == 302
    assert Message.objects.get().photos.count() == 1
    assert "Being prepared" in page_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))


def test_refused_message_keeps_its_photos_and_its_key(user):
    ticket = make_ticket()
    path = f"/tickets/{ticket.pk}/messages/"
    form = {"body": "Look", "key": "key", "photos": [upload(), upload(b"", name="none.jpg")]}
    answer = user.post(path, form)
    assert answer.status_code == 400
    assert re.search(r'name="key" value="(\w+)"', page_of(answer))[1] == "key"
    assert "none.jpg: The file is empty." in page_of(answer)
    page = page_of(user.post(path, {"body": "", "key": "key"}))
    assert ("Being prepared" in page, "data-typed" in page) == (True, True)
    assert user.post(path, {"body": "Look", "key": "key"}).status_code == 302
    assert Message.objects.get().photos.count() == 1


def test_page_polls_faster_while_a_photo_is_prepared(user):
    ticket = make_report()
    page = page_of(user.get(f"/tickets/{ticket.pk}/"))
    poll = re.search(r'hx-get="([^"]+)"\s+hx-trigger="every 3s"', page)[1].replace("&amp;", "&")
    assert user.get(poll, HX_Request="true").status_code == 204
    make_ready(ticket.photos.get())
    news = user.get(poll, HX_Request="true")
    assert "small.jpg" in page_of(news)
    assert "every 15s" in page_of(news)


def test_photos_of_notes_change_nothing_that_a_user_sees(user):
    ticket = make_ticket()
    page = page_of(user.get(f"/tickets/{ticket.pk}/"))
    poll = re.search(r'hx-get="(/tickets/[^"]+)"', page)[1].replace("&amp;", "&")
    make_message(ticket, by=HELPDESK, is_internal=True)
    assert user.get(poll, HX_Request="true").status_code == 204
    assert "Being prepared" not in page_of(user.get(f"/tickets/{ticket.pk}/"))


def test_desk_removes_a_photo_with_a_reason(user, helpdesk):
    photo = make_ready(make_report().photos.get())
    path = f"/desk/photos/{photo.pk}/remove/"
    assert user.post(path, {"reason": "x"}).status_code == 403
    refused = helpdesk.post(path, {"reason": " "})
    assert (refused.status_code, "The photo was not removed" in page_of(refused)) == (400, True)
    page = page_of(helpdesk.post(path, {"reason": "Shows a face"}, follow=True))
    assert "Photo 1 was removed." in page
    assert "Shows a face" in page
    assert TicketEvent.objects.filter(verb="removed").count() == 1
    assert helpdesk.post(path, {"reason": "Again"}).status_code == 409


def test_refused_photo_says_why(user):
    photo = make_report().photos.get()
    Attachment.objects.filter(pk=photo.pk).update(state=State.REFUSED, reason="It is not a photo.")
    assert "It is not a photo." in page_of(user.get(f"/tickets/{photo.ticket_id}/"))
