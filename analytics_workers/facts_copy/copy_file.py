"""The file of a copy: a header of HEADER_BYTES bytes with the CRC-32 of what follows, then an Arrow file,
mapped into memory. One process at a time replaces the whole file, so that no reader sees half of it.

Nothing here stops an analysis: an unreadable file counts as missing, one that cannot be written costs time.
"""

import fcntl
import logging
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from analytics_workers.facts_copy.packing import pack_columns, unpack_columns
from analytics_workers.frames import FactColumns

log = logging.getLogger(__name__)

MAGIC = b"campus-helpdesk facts 3 "
HEADER_BYTES = 64  # a multiple of the alignment that Arrow's buffers need
LOCK_TIMEOUT = 10  # seconds for another process to fetch and write; a hanging one must not stop the others
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Copy:
    """Facts at a token of a source; `compared_at` is when the helpdesk last agreed, in seconds since 1970."""

    columns: FactColumns
    source: str
    token: int
    compared_at: float


class CopyFile:
    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._path, self._lock = folder, folder / f"{name}.arrow", folder / f"{name}.lock"

    @contextmanager
    def lock(self) -> Iterator[bool]:
        """Whether this process may write: one at a time; the system releases the lock of a killed one."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._lock.open("w")
        except OSError as error:
            log.warning("the copy of the facts cannot be stored: %s", error.strerror)
            yield False
            return
        with lock:
            yield wait_for(lock, time.monotonic() + LOCK_TIMEOUT)

    def read(self) -> Copy | None:
        """The copy, if there is an intact one."""
        try:
            with pa.memory_map(str(self._path)) as file:
                return unpack(file.read_buffer())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            log.warning("the copy of the facts is damaged and will be rebuilt: %s", type(error).__name__)
            return None

    def write(self, copy: Copy) -> None:
        part = self._path.with_suffix(".part")
        try:
            with part.open("w+b") as file:
                pack(copy, file)
            part.replace(self._path)
        except OSError as error:
            part.unlink(missing_ok=True)
            log.warning("the copy of the facts could not be stored: %s", error.strerror)


def wait_for(lock: IO[str], deadline: float) -> bool:
    while not is_free(lock):
        if time.monotonic() > deadline:
            log.warning("another process holds the copy of the facts: continuing without it")
            return False
        time.sleep(POLL_SECONDS)
    return True


def is_free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def pack(copy: Copy, file: IO[bytes]) -> None:
    metadata: dict[str, Any] = {"source": copy.source, "token": copy.token, "compared_at": copy.compared_at}
    file.write(bytes(HEADER_BYTES))
    pack_columns(copy.columns, metadata, file)
    file.flush()
    with pa.memory_map(file.name) as mapped:
        crc = zlib.crc32(mapped.read_buffer()[HEADER_BYTES:])
    file.seek(0)
    file.write(MAGIC + f"{crc:08x}".encode())


def unpack(content: pa.Buffer) -> Copy:
    """Raises ValueError if a byte has changed."""
    if bytes(content[:HEADER_BYTES]) != (MAGIC + f"{zlib.crc32(content[HEADER_BYTES:]):08x}".encode()).ljust(
        HEADER_BYTES, b"\0"
    ):
        raise ValueError("the checksum does not match")
    columns, metadata = unpack_columns(content[HEADER_BYTES:])
    return Copy(columns, **metadata)
