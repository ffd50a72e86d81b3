import threading
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from common.errors import Invalid, NotAllowed
from common.photo_limits import MAX_PHOTO_BYTES, MAX_PHOTOS
from messaging.actions import post_message
from messaging.attachments import actions
from messaging.attachments.actions import (
    StorageUnavailable,
    attach_photos,
    remove_photo,
    rename_key,
    stage_photo,
    withdraw,
)
from messaging.attachments.models import Attachment, State
from tests.support.factories import HELPDESK, OTHER_USER, USER, make_ticket
from tests.support.staged_photos import (
    make_message,
    make_ready,
    make_report,
    prepare_all,
    small_jpeg,
    stage,
    stored_files,
)
from tickets.actions import open_ticket
from tickets.errors import WrongState
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db


IN_BROWSER = replace(USER, browser="ab" * 32)
LATER = replace(IN_BROWSER, session="a later session")


def test_staged_photos_are_the_browsers_beyond_its_session():
    photo = stage("key", by=IN_BROWSER)
    assert stage("key", by=LATER) == photo
    others = [stage("key", small_jpeg(31 + number), by=LATER) for number in range(MAX_PHOTOS - 1)]
    with pytest.raises(Invalid):
        stage("key", small_jpeg(60), by=LATER)
    for stranger in (OTHER_USER, replace(LATER, browser="cd" * 32, session="another"), HELPDESK):
        assert not Attachment.objects.staged_by(stranger).exists()
    ticket = make_ticket(key="key", by=LATER)
    assert set(ticket.photos.all()) == {photo, *others}


@pytest.mark.parametrize("end", ["sent", "withdrawn"])
def test_browser_is_forgotten_when_a_photo_is_no_longer_staged(end):
    photo = stage("key", by=IN_BROWSER)
    if end == "sent":
        make_ticket(key="key", by=IN_BROWSER)
        assert stage("key", by=IN_BROWSER) == photo
    else:
        withdraw(photo)
    photo.refresh_from_db()
    assert photo.browser == ""


def test_staged_photo_waits_in_storage():
    photo = stage("key")
    assert (photo.state, photo.ticket, photo.position) == (State.WAITING, None, 1)
    assert stored_files() == {f"photos/{photo.pk}-original": small_jpeg()}


def test_same_file_under_the_same_key_is_stored_once():
    assert stage("key") == stage("key")
    assert stage("other key") != stage("key")
    assert stage("key", by=OTHER_USER) != stage("key")


def test_sixth_photo_is_refused_until_one_is_withdrawn():
    photos = [stage("key", small_jpeg(30 + number)) for number in range(5)]
    with pytest.raises(Invalid, match="At most 5 photos"):
        stage("key", small_jpeg(50))
    with transaction.atomic():
        withdraw(photos[1])
    assert stage("key", small_jpeg(50)).position == 2


@pytest.mark.parametrize(
    ("size", "sentence"), [(0, "empty"), (MAX_PHOTO_BYTES + 1, "at most 20 MB")], ids=["empty", "too large"]
)
def test_file_of_a_wrong_size_is_refused(size, sentence):
    file = SimpleUploadedFile("photo.jpg", b"x")
    file.size = size
    with pytest.raises(Invalid, match=sentence):
        stage_photo(file, by=USER, key="key")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("key", ["", "k" * 201, "a\0b"])
def test_photo_needs_a_key(key):
    with pytest.raises(Invalid, match="key"):
        stage(key)


@pytest.mark.django_db(transaction=True)
def test_full_storage_leaves_nothing_behind(monkeypatch):
    def fill_up(name, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(actions, "store", fill_up)
    with pytest.raises(StorageUnavailable):
        stage("key")
    assert not Attachment.objects.exclude(state=State.REMOVED).exists()
    monkeypatch.undo()
    assert stage("key").position == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_uploads_share_no_position():
    def run(number):
        try:
            stage("key", small_jpeg(30 + number))
        except Invalid as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    refused: list[str] = []
    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(photo.position for photo in Attachment.objects.all()) == [1, 2, 3, 4, 5]
    assert len(refused) == 3


def test_report_takes_its_photos_along():
    photo, other = stage("key"), stage("key", by=OTHER_USER)
    ticket = open_ticket(by=USER, description="The lamp is broken", key="key")
    photo.refresh_from_db()
    other.refresh_from_db()
    assert (photo.ticket, photo.message, other.ticket) == (ticket, None, None)


def test_refused_report_leaves_its_photos_staged():
    photo = stage("key")
    with pytest.raises(Invalid):
        open_ticket(by=USER, description="", key="key")
    assert list(Attachment.objects.staged_by(USER)) == [photo]


def test_message_takes_its_photos_along():
    ticket, photo = make_ticket(), stage("key")
    message = post_message(ticket, by=USER, body="Look", key="key")
    photo.refresh_from_db()
    assert (photo.ticket, photo.message) == (ticket, message)


def test_photo_that_is_still_arriving_is_not_attached():
    photo = Attachment.objects.create(session=USER.session, key="key", position=1)
    assert attach_photos(make_ticket(), by=USER, key="key") == 0
    photo.refresh_from_db()
    assert photo.ticket is None


def test_photos_move_to_the_new_key_of_a_form():
    stage("old")
    rename_key(by=USER, old="old", new="new")
    assert [photo.key for photo in Attachment.objects.staged_by(USER)] == ["new"]


@pytest.mark.django_db(transaction=True)
def test_withdrawn_photo_is_gone_and_a_sent_one_stays():
    photo = stage("key")
    withdraw(photo)
    assert stored_files() == {}
    assert not Attachment.objects.staged_by(USER).exists()
    sent = make_report().photos.get()
    withdraw(sent)
    sent.refresh_from_db()
    assert sent.state == State.WAITING


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", ["open", "closed"])
def test_removal_deletes_the_files_and_stands_in_the_history(status):
    ticket = make_report(status=status)
    photo = ticket.photos.get()
    prepare_all()
    before = Ticket.objects.values().get()
    remove_photo(photo, by=HELPDESK, reason="Shows a face")
    photo.refresh_from_db()
    assert photo.state == State.REMOVED
    assert stored_files() == {}
    event = TicketEvent.objects.order_by("pgh_id").last()
    assert (event.verb, event.by_name, event.reason) == ("removed", "Hedda", "Shows a face")
    assert Ticket.objects.values().get() == before
    with pytest.raises(WrongState):
        remove_photo(photo, by=HELPDESK, reason="Again")


def test_removal_needs_the_helpdesk_and_a_reason():
    photo = make_report().photos.get()
    with pytest.raises(NotAllowed):
        remove_photo(photo, by=USER, reason="Mine")
    with pytest.raises(Invalid):
        remove_photo(photo, by=HELPDESK, reason=" ")
    assert not TicketEvent.objects.filter(verb="removed").exists()


def test_removal_from_a_note_is_the_helpdesks():
    ticket = make_ticket()
    note = make_message(ticket, by=HELPDESK, is_internal=True)
    remove_photo(note.photos.get(), by=HELPDESK, reason="Wrong ticket")
    assert TicketEvent.objects.order_by("pgh_id").last().verb == "note_removed"


def test_notes_photos_are_visible_to_the_helpdesk_only():
    ticket = make_report()
    make_message(ticket, by=HELPDESK, is_internal=True)
    assert Attachment.objects.visible_to(HELPDESK).count() == 2
    assert Attachment.objects.visible_to(USER).count() == 1


def test_closed_tickets_photos_are_hidden_from_users():
    make_report(status="closed")
    assert Attachment.objects.visible_to(HELPDESK).count() == 1
    assert not Attachment.objects.visible_to(USER).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM attachments_attachment",
        "UPDATE attachments_attachment SET ticket_id = NULL",
        "UPDATE attachments_attachment SET state = 'uploading'",
        "UPDATE attachments_attachment SET state = 'ready'",
        "UPDATE attachments_attachment SET state = 'refused'",
        "UPDATE attachments_attachment SET state = 'removed'",
        "UPDATE attachments_attachment SET position = 6",
    ],
)
def test_database_refuses_what_goes_round_the_actions(statement):
    make_report()
    with (
        pytest.raises(Exception, match=r"pgtrigger|photo"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_database_refuses_a_photo_under_a_closed_ticket():
    photo, ticket = stage("key"), make_ticket("closed")
    with pytest.raises(IntegrityError, match="closed ticket"), transaction.atomic():
        Attachment.objects.filter(pk=photo.pk).update(ticket=ticket)


def test_ready_photo_is_not_prepared_again():
    photo = make_ready(make_report().photos.get())
    prepare_all()
    assert photo.state == State.READY
