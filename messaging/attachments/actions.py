"""The only writers of photos: staged for a form, attached to a report or message, removed with a reason."""

from collections.abc import Sequence

from django.core.files.base import File
from django.db import IntegrityError, transaction

from common.errors import Invalid, Refused
from common.photo_limits import MAX_PHOTO_BYTES, MAX_PHOTOS, MIB
from common.roles import Caller
from django_common.retry import retry_on_deadlock
from django_common.text_validation import clean_text
from messaging.attachments.cleaning import NOTHING, clean_up_after_commit, delete_late_files
from messaging.attachments.files import ORIGINAL, checksum, name_of, storage_errors, store
from messaging.attachments.models import Attachment, State
from messaging.models import Message
from tickets.access import require
from tickets.actions import lock_row
from tickets.audit_context import set_audit_context
from tickets.errors import WrongState
from tickets.history import record_event
from tickets.idempotency import MAX_KEY_LENGTH
from tickets.models import Ticket

TOO_LARGE = f"A photo may have at most {MAX_PHOTO_BYTES // MIB} MB."
EMPTY = "The file is empty."
TOO_MANY = f"At most {MAX_PHOTOS} photos can be sent at once."


class StorageUnavailable(Refused):
    status = 503
    title = "The photo could not be stored"
    retry_after = 10


def stage_photo(photo: File, *, by: Caller, key: str) -> Attachment:
    """Stores a photo that waits for the form with this key. The same file under the same key is stored once.

    Raises NotAllowed, Invalid, StorageUnavailable.
    """
    require(by, "attach")
    key = clean_text("key", key, limit=MAX_KEY_LENGTH)
    check_size(photo)
    row = take_position(by, key, checksum(photo))
    if row.state != State.UPLOADING:
        return row
    try:
        store(name_of(row.pk, ORIGINAL), photo)
    except storage_errors() as error:
        withdraw(row)
        raise StorageUnavailable("There is no room for it at the moment. Please try again later.") from error
    if not Attachment.objects.filter(pk=row.pk, state=State.UPLOADING).update(state=State.WAITING):
        delete_late_files(row.pk)  # it was withdrawn meanwhile
    row.refresh_from_db()
    return row


def check_size(photo: File) -> None:
    if not photo.size:
        raise Invalid({"photos": [EMPTY]})
    if photo.size > MAX_PHOTO_BYTES:
        raise Invalid({"photos": [TOO_LARGE]})


def take_position(by: Caller, key: str, sha256: str) -> Attachment:
    """A new row, or that of the same file. Raises Invalid if all positions are taken."""
    rows = Attachment.objects.uploaded_by(by).filter(key=key)
    for _ in range(2 * MAX_PHOTOS):
        if same := rows.filter(sha256=sha256).first():
            return same
        taken = set(rows.values_list("position", flat=True))
        free = [position for position in range(1, MAX_PHOTOS + 1) if position not in taken]
        if not free:
            break
        try:
            with transaction.atomic():
                return Attachment.objects.create(
                    session=by.session, browser=by.browser, key=key, sha256=sha256, position=free[0]
                )
        except IntegrityError:  # another upload was faster
            continue
    raise Invalid({"photos": [TOO_MANY]})


@retry_on_deadlock
def withdraw(photo: Attachment) -> None:
    """Removes a photo that was not sent. One that has been sent meanwhile stays."""
    staged = Attachment.objects.filter(pk=photo.pk, ticket=None).exclude(state=State.REMOVED)
    if staged.update(state=State.REMOVED, **NOTHING):
        clean_up_after_commit([photo.pk])


def rename_key(*, by: Caller, old: str, new: str) -> None:
    """For a form that is shown again under another key."""
    Attachment.objects.staged_by(by).filter(key=old).update(key=new)


def attach_photos(ticket: Ticket, *, by: Caller, key: str, message: Message | None = None) -> int:
    """Attaches what the caller staged under the key, in the transaction of the report or message. From then
    on nothing says which browser it was."""
    if not key:
        return 0
    staged = Attachment.objects.staged_by(by).arrived().filter(key=key.strip())
    return staged.update(ticket=ticket, message=message, browser="")


def attach_to_report(*, ticket: Ticket, by: Caller, key: str, **kwargs: object) -> None:
    attach_photos(ticket, by=by, key=key)


@retry_on_deadlock
def remove_photo(photo: Attachment, *, by: Caller, reason: object) -> None:
    """Deletes the files of a sent photo, also under a closed ticket; the history records why.

    Raises NotAllowed, Invalid, WrongState if it is removed already.
    """
    require(by, "remove_photo", photo.ticket)
    reason = clean_text("reason", reason, limit=500)
    assert photo.ticket is not None
    verb = "note_removed" if photo.message and photo.message.is_internal else "removed"
    set_audit_context(by, verb, reason)
    locked = lock_row(photo.ticket)
    row = Attachment.objects.filter(pk=photo.pk).exclude(state=State.REMOVED)
    if not row.update(state=State.REMOVED, **NOTHING):
        raise WrongState("This photo has been removed already.")
    record_event(locked, verb)
    clean_up_after_commit([photo.pk])


def remove_all(tickets: Sequence[Ticket]) -> None:
    """For redaction, in its transaction: all photos of these tickets, with their files."""
    rows = Attachment.objects.filter(ticket__in=tickets).exclude(state=State.REMOVED)
    photos = list(rows.values_list("pk", flat=True))
    rows.update(state=State.REMOVED, **NOTHING)
    clean_up_after_commit(photos)
