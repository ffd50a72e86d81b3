"""Deleting files that no row needs any more. Whatever is interrupted, the next turn finds the same rows."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from django_common.advisory_locks import AdvisoryLock, session_lock
from messaging.attachments.files import ORIGINAL, SIZES, delete_kinds, list_names, names_of
from messaging.attachments.models import Attachment, State
from tickets.expressions import StatementNow

UPLOAD_TIME = timedelta(hours=1)
STAGED_TIME = timedelta(hours=24)  # as long as the key of the form
GONE = [State.REFUSED, State.REMOVED]
NOTHING: dict[str, Any] = dict.fromkeys(["browser", "reason", "sha256", "large_sha256", "small_sha256"], "")


def clean_up_after_commit(photos: list[UUID]) -> None:
    """Deletes their files at once; if this process dies before, the worker does it."""
    transaction.on_commit(lambda: delete_files_of(Attachment.objects.filter(pk__in=photos)), robust=True)


def clean_up() -> int:
    """Everything that is due. Returns the number of photos whose files were deleted."""
    withdraw_unsent()
    done = delete_files_of(
        Attachment.objects.filter(Q(has_original=True) | Q(has_sizes=True, state__in=GONE))
    )
    without_files = Attachment.objects.filter(has_original=False, has_sizes=False)
    without_files.filter(ticket=None, state=State.REMOVED).delete()
    return done


def withdraw_unsent() -> None:
    """Photos of forms that nobody sent, and uploads that ended half-way."""
    unsent = Attachment.objects.filter(ticket=None).exclude(state=State.REMOVED)
    is_old = Q(uploaded_at__lt=StatementNow() - STAGED_TIME)
    is_half = Q(state=State.UPLOADING, uploaded_at__lt=StatementNow() - UPLOAD_TIME)
    unsent.filter(is_old | is_half).update(state=State.REMOVED, **NOTHING)


def delete_files_of(photos: Iterable[Attachment]) -> int:
    """Nothing while a backup is being written: the worker does it afterwards."""
    with session_lock(AdvisoryLock.PHOTO_FILES) as is_ours:
        rows = list(photos) if is_ours else []
        return sum(delete_files(row) for row in rows)


def delete_late_files(pk: UUID) -> None:
    """Of a photo that was removed while its files were written."""
    Attachment.objects.filter(pk=pk, state__in=GONE).update(has_original=True, has_sizes=True)
    delete_files_of(Attachment.objects.filter(pk=pk))


def delete_files(photo: Attachment) -> bool:
    is_gone = photo.state in GONE
    if photo.has_original and (is_gone or photo.state == State.READY):
        delete_kinds(photo.pk, (ORIGINAL,))
    elif not (is_gone and photo.has_sizes):
        return False
    if is_gone and photo.has_sizes:
        delete_kinds(photo.pk, SIZES)
    Attachment.objects.filter(pk=photo.pk).update(
        has_original=False, has_sizes=photo.has_sizes and not is_gone
    )
    return True


def delete_orphans() -> int:
    """Files that belong to no row, as a restore or a killed process leaves them. Returns their number."""
    with session_lock(AdvisoryLock.PHOTO_FILES) as is_ours:
        orphans = find_orphans() if is_ours else set()
        for name in orphans:
            default_storage.delete(name)
        return len(orphans)


def find_orphans() -> set[str]:
    """Names are listed first: a row is written before its files."""
    stored = set(list_names())
    return stored.difference(
        *map(names_of, Attachment.objects.filter(Q(has_original=True) | Q(has_sizes=True)))
    )
