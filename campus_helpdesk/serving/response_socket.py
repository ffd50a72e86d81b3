"""A client's socket that records when the client last read a part of its response."""

import socket
import time
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE = 65536  # bytes


class ResponseSocket(socket.socket):
    """`last_progress_at`: when the last part was sent, by the monotonic clock; before that, when a thread
    started the request, which sets it."""

    last_progress_at = inf

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        """In parts: the progress of a long response that is sent at once would be invisible."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.send(rest[:PIECE], flags) :]
            self.last_progress_at = time.monotonic()
