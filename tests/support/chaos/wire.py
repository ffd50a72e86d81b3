"""A TCP proxy between two programs whose behaviour can be changed while connections are open."""

import random
import socket
import struct
import threading
import time
from contextlib import suppress

MODES = ("pass", "refuse", "blackhole", "latency", "reset", "truncate", "garbage")
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST
POLL = 0.05


class Wire:
    """Listens on `port` of loopback; `target` is (host, port) or the path of a Unix socket.

    pass: unchanged. refuse: nobody listens, open connections are reset. blackhole: connections are accepted
    and nothing moves until the mode changes. latency: `delay` seconds before each piece of the response.
    reset: open connections are reset, new ones at their first piece. truncate: the response ends after `keep`
    bytes. garbage: the response's bytes are random.
    """

    def __init__(self, target: tuple[str, int] | str):
        self.target = target
        self.delay, self.keep = 0.2, 100
        self.mode = "pass"
        self._live: set[Connection] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self.port = 0
        self._listen()

    def set(self, mode: str, *, delay: float = 0.2, keep: int = 100) -> None:
        assert mode in MODES, mode
        self.delay, self.keep, self.mode = delay, keep, mode
        if mode == "refuse":
            self._stop_listening()
        elif self._listener is None:
            self._listen()
        if mode in ("refuse", "reset"):
            self.cut()

    def cut(self) -> None:
        """Resets all open connections."""
        with self._lock:
            live = list(self._live)
        for connection in live:
            connection.reset()

    def close(self) -> None:
        self._stop_listening()
        self.cut()

    def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(128)
        self.port, self._listener = listener.getsockname()[1], listener
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._carry, args=[Connection(self, near)], daemon=True).start()

    def _carry(self, connection: "Connection") -> None:
        with self._lock:
            self._live.add(connection)
        connection.run()
        with self._lock:
            self._live.discard(connection)


class Connection:
    """`near` is the caller's end, `far` the other one."""

    def __init__(self, wire: Wire, near: socket.socket):
        self.wire, self.near = wire, near
        self.far: socket.socket | None = None
        self.is_reset = False
        self.told = 0

    def run(self) -> None:
        """The far end is opened when something may pass."""
        if self.may_pass():
            try:
                self.far = open_target(self.wire.target)
                back = threading.Thread(target=self.pump, args=[self.far, self.near, True], daemon=True)
                back.start()
                self.pump(self.near, self.far, False)
                back.join()
                self.far.close()
            except OSError:
                self.reset()
        self.near.close()

    def reset(self) -> None:
        """Ends at once, with RST; whoever waits for either end is woken."""
        self.is_reset = True
        with suppress(OSError):
            self.near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.near.shutdown(socket.SHUT_RD)
        self.near.close()
        if self.far is not None:
            with suppress(OSError):
                self.far.shutdown(socket.SHUT_RDWR)

    def may_pass(self) -> bool:
        """Waits while nothing moves; False if the connection ended meanwhile."""
        while self.wire.mode == "blackhole" and not self.is_reset:
            time.sleep(POLL)
        return not self.is_reset

    def pump(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while (piece := source.recv(65536)) and self.may_pass():
                if self.wire.mode == "reset":
                    self.reset()
                    return
                sink.sendall(self.spoil(piece) if is_answer else piece)
                if is_answer and self.wire.mode == "truncate" and self.told >= self.wire.keep:
                    break
        if not self.is_reset:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR if is_answer else socket.SHUT_WR)
                source.shutdown(socket.SHUT_RD)

    def spoil(self, piece: bytes) -> bytes:
        """A piece of the response as the mode lets it through."""
        if self.wire.mode == "latency":
            time.sleep(self.wire.delay)
        elif self.wire.mode == "garbage":
            return random.randbytes(len(piece))
        elif self.wire.mode == "truncate":
            piece = piece[: max(0, self.wire.keep - self.told)]
            self.told += len(piece)
        return piece


def open_target(target: tuple[str, int] | str) -> socket.socket:
    if isinstance(target, tuple):
        far = socket.create_connection(target, 5)
    else:
        far = socket.socket(socket.AF_UNIX)
        far.connect(target)
    far.settimeout(None)
    return far
