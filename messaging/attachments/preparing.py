"""Waiting photos become ready or refused. Runs in the gateway's worker; the decoding in a process of its own.

That process has limits on time and memory and ends with its photo, so a file that hangs or crashes the
decoder harms nothing else. If a run is lost, the next one finds the same photos.
"""

import json
import logging
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import F
from django.db.models.functions import Least

from django_common.advisory_locks import AdvisoryLock, session_lock
from messaging.attachments.cleaning import delete_late_files
from messaging.attachments.files import LARGE, ORIGINAL, SMALL, checksum, name_of, storage_errors, store
from messaging.attachments.models import Attachment, State

TURN_SECONDS = 20
DECODE_SECONDS = 300  # on a machine that is busy with pages
PROCESSOR_SECONDS = 30  # the largest photo needs about 5
MEMORY_BYTES = 3 * 1024**3  # of addresses: a photo of 50 megapixels needs about a quarter of it
MAX_ATTEMPTS = 3
MANY = 1000  # attempts are not counted further: the storage may be away for long
NICENESS = 10  # pages come first
PROGRAM = (sys.executable, "-m", "messaging.attachments.rewrite")
GONE = "The file did not arrive completely. Please send the photo again."
UNREADABLE = "The photo could not be read."

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    large: Path
    small: Path
    width: int
    height: int


class DecoderFailed(Exception):
    """It crashed, or took too long: perhaps because of the photo, perhaps because of the machine."""


class Unusable(Exception):
    """A sentence for the person who sent the photo."""


def prepare_waiting_photos() -> int:
    """One turn; returns how many photos were prepared or refused. Safe under several callers: one works, the
    others do nothing. A photo that has failed before comes after all others."""
    ends_at, done = time.monotonic() + TURN_SECONDS, 0
    with session_lock(AdvisoryLock.PHOTO_PREPARATION) as is_ours:
        while is_ours and time.monotonic() < ends_at and (photo := find_waiting()):
            try:
                done += prepare(photo)
            except storage_errors():
                logger.exception("photo %s cannot be read or stored", photo.pk)
                break  # the next turn begins with another photo
    return done


def find_waiting() -> Attachment | None:
    waiting = Attachment.objects.filter(state=State.WAITING, has_original=True)
    return waiting.order_by("attempts", "uploaded_at").first()


def prepare(photo: Attachment) -> bool:
    """Whether it was decided. Raises what the storage raises."""
    attempt = photo.attempts + 1
    rows = Attachment.objects.filter(pk=photo.pk)
    rows.update(
        attempts=Least(F("attempts") + 1, MANY)
    )  # first, so that a photo that kills this process is counted
    with tempfile.TemporaryDirectory() as folder:
        try:
            prepared = decode(fetch_original(photo, Path(folder)), Path(folder))
        except Unusable as refusal:
            refuse(photo, str(refusal))
        except DecoderFailed as failure:
            logger.warning("photo %s, attempt %d: %s", photo.pk, attempt, failure)
            if attempt < MAX_ATTEMPTS:
                return False
            refuse(photo, UNREADABLE)
        else:
            store_sizes(photo, prepared)
    return True


def fetch_original(photo: Attachment, folder: Path) -> Path:
    source = folder / "source"
    try:
        with default_storage.open(name_of(photo.pk, ORIGINAL)) as stored, source.open("wb") as copy:
            shutil.copyfileobj(stored, copy)
    except FileNotFoundError:
        raise Unusable(GONE) from None
    return source


def decode(source: Path, folder: Path) -> Prepared:
    """Raises Unusable, DecoderFailed."""
    large, small = folder / LARGE, folder / SMALL
    command = [*PROGRAM, str(source), str(large), str(small)]
    try:
        run = subprocess.run(
            command, env=decoder_environment(), cwd=settings.BASE_DIR, capture_output=True, text=True,
            timeout=DECODE_SECONDS, preexec_fn=limit_decoder,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise DecoderFailed(f"not decoded within {DECODE_SECONDS} s") from None
    if run.returncode:
        raise DecoderFailed(f"exit code {run.returncode}: {run.stderr.strip()[-200:]}")
    found = json.loads(run.stdout)
    if "refused" in found:
        raise Unusable(found["refused"])
    return Prepared(large, small, found["width"], found["height"])


def decoder_environment() -> dict[str, str]:
    """No secret: what decodes strangers' files knows neither keys nor servers."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}


def limit_decoder() -> None:
    """Runs in the new process, before its program."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))


def store_sizes(photo: Attachment, prepared: Prepared) -> None:
    """The row says first that there may be files, so that none is forgotten."""
    waiting = Attachment.objects.filter(pk=photo.pk, state=State.WAITING)
    if not waiting.update(has_sizes=True, attempts=0):
        return
    sums = {}
    for size, path in ((LARGE, prepared.large), (SMALL, prepared.small)):
        with path.open("rb") as stream:
            content = File(stream)
            sums[size] = checksum(content)
            store(name_of(photo.pk, size), content)
    is_ready = waiting.update(
        state=State.READY, width=prepared.width, height=prepared.height,
        large_sha256=sums[LARGE], small_sha256=sums[SMALL],
    )  # fmt: skip
    if not is_ready:
        delete_late_files(photo.pk)  # it was removed meanwhile


def refuse(photo: Attachment, sentence: str) -> None:
    Attachment.objects.filter(pk=photo.pk, state=State.WAITING).update(state=State.REFUSED, reason=sentence)
