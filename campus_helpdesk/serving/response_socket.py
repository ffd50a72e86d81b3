"""A visitor's socket that knows when he last took a piece of his answer."""

import socket
import time
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE = 65536  # bytes


class AnswerSocket(socket.socket):
    """`moved_at`: when the last piece went out, by the monotonic clock; before the first one, when a thread
    began with the request, which sets it."""

    moved_at = inf

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        """In pieces: of a long text that is sent at once nobody would see that it makes progress."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.send(rest[:PIECE], flags) :]
            self.moved_at = time.monotonic()
