"""A client's socket that knows when the client last read a part of its response."""

import socket
import time
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE = 65536  # bytes


class ResponseSocket(socket.socket):
    """`moved_at`: when the last part was sent, by the monotonic clock; before the first one, when a thread
    started the request, which sets it."""

    moved_at = inf

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        """In parts: the progress of a long text that is sent at once would be invisible."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.send(rest[:PIECE], flags) :]
            self.moved_at = time.monotonic()
