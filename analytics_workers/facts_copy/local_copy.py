"""The facts of a helpdesk as one file on this machine, brought up to date with what has changed since.

Every analysis asks the helpdesk for the changes after the copy's token, so the copy saves time and decides
nothing: it is made anew where it is missing or damaged, where it belongs to another database, or where its
count and checksum are not the helpdesk's. Those are compared at the worker's start and every hour.

The file: a head of HEAD bytes with the CRC-32 of what follows, then an Arrow file, mapped into memory. It is
replaced as a whole, by one process at a time, so that nobody ever reads half of one; and not before enough
has changed: until then each analysis fetches the few changes since its token again.
"""

import fcntl
import hashlib
import logging
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import httpx
import pyarrow as pa

from analytics_workers.facts_copy.checksum import sum_columns
from analytics_workers.facts_copy.packing import pack_columns, unpack_columns
from analytics_workers.frames import (
    FIELDS,
    Columns,
    Facts,
    FactsUnreadable,
    make_frame,
    merge_columns,
    read_columns,
    read_moment,
)
from analytics_workers.helpdesk_api import HelpdeskApi

log = logging.getLogger(__name__)

MAGIC = b"campus-helpdesk facts 1 "
HEAD = 64  # a multiple of the alignment that Arrow's buffers want
COMPARE_EVERY = 3600
ENOUGH = 100  # one ticket of so many
STARTED = time.time()

TellPercent = Callable[[int], None]


@dataclass(frozen=True)
class Copy:
    """Facts at a token of a source; `compared_at` is when the helpdesk last agreed, in seconds since 1970."""

    columns: Columns
    source: str
    token: int
    compared_at: float

    @property
    def is_due(self) -> bool:
        """Whether count and checksum are to be compared. A clock that was set back makes it due, too."""
        return not max(STARTED, time.time() - COMPARE_EVERY) <= self.compared_at <= time.time()


@dataclass(frozen=True)
class Answer:
    """What the helpdesk sent: all facts, or those that changed."""

    columns: Columns
    source: str
    token: int
    as_of: datetime
    checksum: str


class LocalCopy:
    def __init__(self, folder: Path, api_url: str) -> None:
        name = hashlib.sha256(api_url.encode()).hexdigest()[:12]
        self._file, self._lock = folder / f"{name}.arrow", folder / f"{name}.lock"

    def read_facts(self, api: HelpdeskApi, tell: TellPercent) -> Facts:
        """The helpdesk's facts of this moment; others on this machine wait meanwhile.

        Raises FactsUnreadable, HelpdeskApiError.
        """
        with hold(self._lock):
            kept = self._open()
            answer = fetch(api, kept, tell)
            copy = follow(kept, answer) if kept else None
            if copy is None:
                answer = fetch(api, None, tell) if kept else answer
                copy = Copy(answer.columns, answer.source, answer.token, time.time())
            if answer.checksum or ENOUGH * len(answer.columns) >= len(copy.columns):
                self._keep(copy)
        return Facts(make_frame(copy.columns), answer.as_of)

    def _open(self) -> Copy | None:
        """The copy, where there is a sound one."""
        try:
            with pa.memory_map(str(self._file)) as file:
                return unpack(file.read_buffer())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            log.warning("the copy of the facts is damaged and made anew: %s", type(error).__name__)
            return None

    def _keep(self, copy: Copy) -> None:
        """Replaces the file. A disk that is full costs time at the next analysis, no number."""
        part = self._file.with_suffix(".part")
        try:
            with part.open("w+b") as file:
                pack(copy, file)
            part.replace(self._file)
        except OSError as error:
            log.warning("the copy of the facts could not be kept: %s", error.strerror)


@contextmanager
def hold(lock: Path) -> Iterator[None]:
    """One process at a time; the system lets go where one is killed."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fetch(api: HelpdeskApi, kept: Copy | None, tell: TellPercent) -> Answer:
    query = {"fields": ",".join(FIELDS)}
    if kept:
        query["changed_after"] = str(kept.token)
        if kept.is_due:
            query["with_checksum"] = "true"
    return api.fetch_facts(query, lambda headers, stream: read_answer(headers, stream, tell))


def read_answer(headers: httpx.Headers, stream: IO[bytes], tell: TellPercent) -> Answer:
    """Raises FactsUnreadable."""
    try:
        source, token, count = headers["X-Source"], int(headers["X-Change-Token"]), int(headers["X-Count"])
        as_of = read_moment(headers["X-As-Of"])
    except (KeyError, ValueError):
        raise FactsUnreadable("The facts do not say what they are.") from None
    columns = read_columns(stream, count, lambda rows: tell(100 * rows // max(count, 1)))
    return Answer(columns, source, token, as_of, headers.get("X-Checksum", ""))


def follow(kept: Copy, answer: Answer) -> Copy | None:
    """The copy with the changes in it. None where it cannot go on from there: another database, a token from
    before, or numbers that are not the helpdesk's."""
    if answer.source != kept.source or answer.token < kept.token:
        log.info("the helpdesk is another one: the copy of the facts is made anew")
        return None
    columns = merge_columns(kept.columns, answer.columns)
    if answer.checksum and sum_columns(columns) != answer.checksum:
        log.warning("the copy of the facts is not what the helpdesk has: it is made anew")
        return None
    return Copy(columns, kept.source, answer.token, time.time() if answer.checksum else kept.compared_at)


def pack(copy: Copy, file: IO[bytes]) -> None:
    told: dict[str, Any] = {"source": copy.source, "token": copy.token, "compared_at": copy.compared_at}
    file.write(bytes(HEAD))
    pack_columns(copy.columns, told, file)
    file.flush()
    with pa.memory_map(file.name) as mapped:
        crc = zlib.crc32(mapped.read_buffer()[HEAD:])
    file.seek(0)
    file.write(MAGIC + f"{crc:08x}".encode())


def unpack(content: pa.Buffer) -> Copy:
    """Raises ValueError where a byte is not what it was."""
    if bytes(content[:HEAD]) != (MAGIC + f"{zlib.crc32(content[HEAD:]):08x}".encode()).ljust(HEAD, b"\0"):
        raise ValueError("the checksum is another one")
    columns, told = unpack_columns(content[HEAD:])
    return Copy(columns, **told)
