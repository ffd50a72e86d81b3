"""Photos in the database and the storage, made by the product's own actions."""

from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from common.roles import Caller
from messaging.actions import post_message
from messaging.attachments.actions import stage_photo
from messaging.attachments.files import LARGE, SMALL, checksum, name_of, store
from messaging.attachments.models import Attachment, State
from messaging.attachments.preparing import prepare_waiting_photos
from messaging.models import Message
from tests.support.factories import USER, make_ticket
from tests.support.photos import encode, picture
from tickets.models import Ticket


def small_jpeg(side: int = 30) -> bytes:
    """Another side is another file."""
    return encode(picture(size=(side, 20)), "JPEG")


def upload(content: bytes | None = None, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, small_jpeg() if content is None else content)


def stage(key: str, content: bytes | None = None, by: Caller = USER) -> Attachment:
    return stage_photo(upload(content), by=by, key=key)


def make_report(photos: int = 1, **fields) -> Ticket:
    """A ticket whose report has photos that nobody has prepared."""
    key = uuid4().hex
    for number in range(photos):
        stage(key, small_jpeg(30 + number))
    return make_ticket(key=key, **fields)


def make_message(ticket: Ticket, by: Caller = USER, photos: int = 1, **fields) -> Message:
    key = uuid4().hex
    for number in range(photos):
        stage(key, small_jpeg(30 + number), by=by)
    return post_message(ticket, by=by, body="This is how it looks.", key=key, **fields)


def prepare_all() -> None:
    while Attachment.objects.filter(state=State.WAITING).exists():
        prepare_waiting_photos()


def make_ready(photo: Attachment, content: bytes | None = None) -> Attachment:
    """As the worker leaves it, without the time that it takes."""
    Attachment.objects.filter(pk=photo.pk).update(has_sizes=True)
    file = ContentFile(content or small_jpeg())
    for size in (LARGE, SMALL):
        store(name_of(photo.pk, size), file)
    total = checksum(file)
    Attachment.objects.filter(pk=photo.pk).update(
        state=State.READY, width=30, height=20, large_sha256=total, small_sha256=total
    )
    photo.refresh_from_db()
    return photo


def make_photo(ticket: Ticket) -> Attachment:
    """A ready photo of a message under the ticket."""
    return make_ready(make_message(ticket).photos.get())


def stored_files() -> dict[str, bytes]:
    """Every file of the storage by its path below it."""
    folder = Path(default_storage.path(""))
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
