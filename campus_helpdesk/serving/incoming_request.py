"""A request that is arriving: the bytes so far, and whether it is complete."""

import re
from typing import Any

from gunicorn.workers.gthread import TConn

from campus_helpdesk.serving.response_socket import ResponseSocket

MAX_HEAD_BYTES = 128 * 1024
MAX_BODY_BYTES = 256 * 1024  # a longer one is read by its thread, if the site accepts it at all
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
EXPECTATION = re.compile(rb"(?<=\r\n)expect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
HTTP_1_0 = re.compile(rb"[^\r\n]* HTTP/1\.0\r\n")  # must not get a 100 Continue
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
MONITORING = re.compile(rb"(GET|HEAD) /(healthz|readyz|metrics)[ ?]")


class IncomingRequest(TConn):
    """A connection and the bytes that have arrived. `ends_at`: when it is closed if nothing more happens."""

    sock: ResponseSocket
    ends_at: float

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.received = bytearray()
        self.is_monitoring = False
        self.body_at = 0  # where the body begins; 0 until the head is complete
        self._chunk_at = 0

    def has_head(self) -> bool:
        if not self.body_at and (end := self.received.find(HEAD_END)) >= 0:
            self.body_at = self._chunk_at = end + len(HEAD_END)
        return self.body_at > 0

    def is_whole(self) -> bool:
        head, arrived = self.received[: self.body_at], len(self.received) - self.body_at
        if CHUNKED.search(head):
            return self._has_last_chunk() or arrived > MAX_BODY_BYTES
        length = LENGTH.search(head)
        return length is None or not arrived < int(length[1]) <= MAX_BODY_BYTES

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
        self.parser.unreader.unread(bytes(self.received))
        self.is_monitoring = MONITORING.match(self.received) is not None
        self.received.clear()
