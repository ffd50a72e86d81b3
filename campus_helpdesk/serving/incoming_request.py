"""A request that is arriving: the bytes so far, and whether it is complete.

A long request with files waits on the disk, any other in memory.
"""

import re
import tempfile
from typing import IO, Any

from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn

from campus_helpdesk.serving.response_socket import ResponseSocket
from common.photo_limits import max_bytes_with_files

MAX_HEAD_BYTES = 128 * 1024
MAX_BODY_BYTES = 256 * 1024  # a longer one is read by its thread, if the site accepts it at all
SPOOL_CHUNK = 64 * 1024
SLOWEST_UPLOAD = 16 * 1024  # bytes per second of a request with files
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
EXPECTATION = re.compile(rb"(?<=\r\n)expect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
HTTP_1_0 = re.compile(rb"[^\r\n]* HTTP/1\.0\r\n")  # must not get a 100 Continue
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
REQUEST_LINE = re.compile(rb"([A-Z]{3,7}) (/[^ ?]*)")
MONITORING = re.compile(rb"(GET|HEAD) /(healthz|readyz|metrics)[ ?]")


class IncomingRequest(TConn):
    """A connection and the bytes that have arrived. `ends_at`: when it is closed if nothing more happens."""

    sock: ResponseSocket
    ends_at: float

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.received = bytearray()
        self.is_monitoring = False
        self.spool: IO[bytes] | None = None  # the body so far of a request with files
        self.length = 0  # of the body, if the head names it
        self.body_at = 0  # where the body begins; 0 until the head is complete
        self._chunk_at = 0

    def has_head(self) -> bool:
        if not self.body_at and (end := self.received.find(HEAD_END)) >= 0:
            self.body_at = self._chunk_at = end + len(HEAD_END)
        return self.body_at > 0

    def is_whole(self) -> bool:
        head, arrived = self.received[: self.body_at], len(self.received) - self.body_at
        if self.spool:
            return self._spool() >= self.length
        if CHUNKED.search(head):
            return self._has_last_chunk() or arrived > MAX_BODY_BYTES
        length = LENGTH.search(head)
        self.length = int(length[1]) if length else 0
        if length and MAX_BODY_BYTES < self.length <= self._max_bytes_with_files():
            self.spool = tempfile.TemporaryFile(prefix="helpdesk-upload-")  # noqa: SIM115 - closed with it
            return self._spool() >= self.length
        return length is None or not arrived < self.length <= MAX_BODY_BYTES

    def _max_bytes_with_files(self) -> int:
        line = REQUEST_LINE.match(self.received)
        return max_bytes_with_files(line[1].decode(), line[2].decode("latin-1")) if line else 0

    def _spool(self) -> int:
        """Moves the body's bytes to the disk. Returns how many are there."""
        assert self.spool
        self.spool.write(self.received[self.body_at :])
        del self.received[self.body_at :]
        return self.spool.tell()

    @property
    def body_seconds(self) -> float:
        """How much longer than others a request with files may take to arrive."""
        return self.length / SLOWEST_UPLOAD if self.spool else 0

    def drop_expectation(self) -> bool:
        """Whether the client waits for a 100 Continue. Only once: gunicorn would send it again."""
        found = EXPECTATION.search(self.received, 0, self.body_at)
        if found is None or HTTP_1_0.match(self.received):
            return False
        start, end = found.span()
        del self.received[start:end]
        self.body_at -= end - start
        self._chunk_at -= end - start
        return True

    def _has_last_chunk(self) -> bool:
        """Continues where it stopped. Invalid chunks are left to the parser."""
        while (end := self.received.find(b"\r\n", self._chunk_at)) >= 0:
            size = bytes(self.received[self._chunk_at : end]).partition(b";")[0].strip()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,15}", size):
                return True
            if int(size, 16) == 0:
                return self.received.find(HEAD_END, end) >= 0
            self._chunk_at = end + 2 + int(size, 16) + 2
        return False

    def begin(self) -> None:
        """Hands the bytes to gunicorn's parser, as if it had just read them."""
        self.init()
        if self.spool:
            self.spool.seek(0)
            self.parser.unreader = SpoolUnreader(self.sock, self.spool)
        self.parser.unreader.unread(bytes(self.received))
        self.is_monitoring = MONITORING.match(self.received) is not None
        self.received.clear()

    def close(self, graceful: bool = False) -> None:
        if self.spool:
            self.spool.close()
        super().close(graceful)


class SpoolUnreader(SocketUnreader):
    """Reads the disk first, then the socket."""

    def __init__(self, sock: ResponseSocket, spool: IO[bytes]):
        super().__init__(sock)
        self.spool = spool

    def chunk(self, size_hint: int | None = None) -> bytes:
        return self.spool.read(SPOOL_CHUNK) or super().chunk(size_hint)
