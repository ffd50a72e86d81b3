"""The files of photos in Django's storage: a folder by default, an S3 bucket if FILES_URL says so.

Files are deleted in `cleaning` only, under the lock that a backup holds: what a row in the backup names is
still there when the backup copies it.
"""

import hashlib
import sys
from collections.abc import Iterator
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage

from messaging.attachments.models import Attachment

FOLDER = "photos"
ORIGINAL, LARGE, SMALL = "original", "large.jpg", "small.jpg"
SIZES = (LARGE, SMALL)
CHUNK = 64 * 1024


def name_of(pk: UUID, kind: str) -> str:
    """kind: ORIGINAL, LARGE or SMALL."""
    return f"{FOLDER}/{pk}-{kind}"


def storage_errors() -> tuple[type[Exception], ...]:
    """What the storage raises if it is full or away. The library of S3 is there only where it is used."""
    if "botocore" not in sys.modules:
        return (OSError,)
    from botocore.exceptions import BotoCoreError, ClientError

    return (OSError, BotoCoreError, ClientError)


def store(name: str, content: File) -> None:
    """Replaces a file of an attempt that was interrupted. Raises OSError or what the storage raises."""
    stored = default_storage.save(name, content)
    if stored != name:
        default_storage.delete(stored)
        raise OSError(f"The storage renamed {name} to {stored}.")


def checksum(content: File) -> str:
    content.seek(0)
    digest = hashlib.sha256()
    for chunk in content.chunks(CHUNK):
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest()


def names_of(photo: Attachment) -> set[str]:
    """The files that the storage may hold of this row."""
    kinds = ([ORIGINAL] if photo.has_original else []) + (list(SIZES) if photo.has_sizes else [])
    return {name_of(photo.pk, kind) for kind in kinds}


def read_checksum(name: str) -> str:
    """Of a stored file; empty if there is none."""
    try:
        with default_storage.open(name) as content:
            return checksum(content)
    except FileNotFoundError:
        return ""


def delete_kinds(pk: UUID, kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        default_storage.delete(name_of(pk, kind))


def list_names() -> Iterator[str]:
    """The names of all stored files."""
    try:
        names = default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:  # a folder that has never held a photo; a bucket lists nothing
        return
    yield from (f"{FOLDER}/{name}" for name in names)
