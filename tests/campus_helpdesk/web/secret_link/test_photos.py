"""Photos by a secret link: those of the ticket, and those of an answer."""

import re

from messaging.actions import post_message
from messaging.attachments.models import Attachment, State
from messaging.models import Message
from tests.support.clients import ApiClient
from tests.support.factories import HELPDESK, USER, make_secret, make_ticket
from tests.support.pages import text_of
from tests.support.staged_photos import make_message, make_photo, make_ready, small_jpeg, upload
from tickets.actions import activate_ticket, close_ticket
from tickets.models import Ticket


def close(ticket: Ticket) -> Ticket:
    return close_ticket(activate_ticket(ticket, by=HELPDESK), by=HELPDESK)


def statuses_of(holder: ApiClient, secret: str, photo: Attachment) -> set[int]:
    sizes = ("small.jpg", "large.jpg")
    return {holder.get(f"/t/{secret}/photos/{photo.pk}/{size}").status_code for size in sizes}


def test_link_shows_the_photos_also_when_the_ticket_is_closed(holder, ticket, secret, settings):
    photo = make_photo(ticket)
    close(ticket)
    assert f"/t/{secret}/photos/{photo.pk}/small.jpg" in holder.get(f"/t/{secret}/").content.decode()
    assert statuses_of(holder, secret, photo) == {200}
    answer = holder.get(f"/t/{secret}/photos/{photo.pk}/large.jpg")
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["Referrer-Policy"] == "same-origin"
    settings.CLOSED_BY_LINK = False
    assert statuses_of(holder, secret, photo) == {404}
    assert str(photo.pk) not in holder.get(f"/t/{secret}/").content.decode()


def test_link_shows_no_photo_of_a_note_or_of_another_ticket(holder, ticket, secret):
    note = make_ready(make_message(ticket, by=HELPDESK, is_internal=True).photos.get())
    other = make_photo(make_ticket())
    for photo in (note, other):
        assert statuses_of(holder, secret, photo) == {404}
    assert ".jpg" not in holder.get(f"/t/{secret}/").content.decode()
    assert statuses_of(holder, "wrong", make_photo(ticket)) == {404}


def answer_with(holder: ApiClient, secret: str, *photos, **fields):
    return holder.post(f"/t/{secret}/messages/", {"body": "", "key": "k", "photos": list(photos), **fields})


def test_answer_by_link_takes_photos_along(holder, ticket, secret):
    strip = holder.post(f"/t/{secret}/photos/", {"key": "k", "photos": [upload()]}).content.decode()
    assert f"/t/{secret}/photos/staged/?key=k" in strip
    staged = make_ready(Attachment.objects.get())
    assert (
        f"/t/{secret}/photos/{staged.pk}/small.jpg"
        in holder.get(f"/t/{secret}/photos/staged/?key=k").content.decode()
    )
    assert statuses_of(holder, secret, staged) == {200}
    answer = answer_with(holder, secret, upload(small_jpeg(31)), body="Like this")
    message = Message.objects.get()
    assert answer["Location"] == f"/t/{secret}/#message-{message.pk}"
    assert message.photos.count() == 2


def test_refused_answer_by_link_keeps_its_photos(holder, ticket, secret):
    refused = answer_with(holder, secret, upload(), body=" ")
    photo = Attachment.objects.get()
    assert (refused.status_code, photo.ticket) == (400, None)
    assert f'value="{photo.pk}"' in refused.content.decode()
    assert 'name="key" value="k"' in refused.content.decode()
    assert "data-staged" not in refused.content.decode()
    shown = answer_with(holder, secret, body="Like this", remove_photo=photo.pk)
    assert (shown.status_code, "Like this" in text_of(shown)) == (200, True)
    assert not Attachment.objects.filter(state=State.WAITING).exists()
    assert not Message.objects.exists()


def test_answer_by_link_names_the_photo_that_is_refused(holder, ticket, secret):
    refused = answer_with(holder, secret, upload(b"", "empty.jpg"), upload(), body="Like this")
    assert refused.status_code == 400
    assert "empty.jpg: The file is empty." in text_of(refused)
    assert "Like this" in text_of(refused)
    assert Attachment.objects.count() == 1
    again = answer_with(holder, secret, body="Like this")
    assert (again.status_code, Message.objects.get().photos.count()) == (302, 1)


def test_answer_by_link_with_a_used_key_takes_its_photos_to_a_new_one(holder, ticket, secret):
    answer_with(holder, secret, body="Like this")
    refused = answer_with(holder, secret, upload(), body="And like this")
    assert refused.status_code == 422
    key = re.search(r'name="key" value="([0-9a-f]{32})"', refused.content.decode())[1]
    assert holder.post(f"/t/{secret}/messages/", {"body": "And like this", "key": key}).status_code == 302
    assert [message.photos.count() for message in Message.objects.order_by("pk")] == [0, 1]


def test_closed_ticket_takes_no_photo_by_link(holder, ticket, secret):
    close(ticket)
    refused = holder.post(f"/t/{secret}/photos/", {"key": "k", "photos": [upload()]})
    assert refused.status_code == 409
    assert answer_with(holder, secret, upload(), body="x").status_code == 409
    assert not Attachment.objects.exists()


def test_staged_photos_are_those_of_one_link(holder, user, ticket, secret):
    other = make_secret(make_ticket())
    holder.post(f"/t/{secret}/photos/", {"key": "k", "photos": [upload()]})
    staged = make_ready(Attachment.objects.get())
    assert statuses_of(holder, other, staged) == {404}
    for page in (holder.get(f"/t/{other}/photos/staged/?key=k"), user.get("/photos/staged/?key=k")):
        assert str(staged.pk) not in page.content.decode()
    answer_with(holder, other, body="x", remove_photo=staged.pk)
    answer_with(holder, other, body="x")
    staged.refresh_from_db()
    assert (staged.state, staged.ticket) == (State.READY, None)
    post_message(ticket, by=USER, body="x", key="k")
    assert not ticket.photos.exists()
