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


class TcpProxy:
    """Listens on `port` of loopback; `target` is (host, port) or the path of a Unix socket.

    pass: unchanged. refuse: the port is closed, open connections are reset. blackhole: connections are
    accepted and nothing moves until the mode changes. latency: `delay` seconds before each piece of the
    response. reset: open connections are reset, new ones at their first piece. truncate: the response ends
    after `keep` bytes. garbage: the response's bytes are random.
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
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=[Connection(self, client)], daemon=True).start()

    def _serve(self, connection: "Connection") -> None:
        with self._lock:
            self._live.add(connection)
        connection.run()
        with self._lock:
            self._live.discard(connection)


class Connection:
    """Two sockets: `client` connected to the proxy, `server` is the proxy's connection to the target."""

    def __init__(self, proxy: TcpProxy, client: socket.socket):
        self.proxy, self.client = proxy, client
        self.server: socket.socket | None = None
        self.is_reset = False
        self.passed = 0  # bytes of the response

    def run(self) -> None:
        """Connects to the server as soon as something may pass."""
        if self.may_pass():
            try:
                self.server = open_target(self.proxy.target)
                back = threading.Thread(target=self.pump, args=[self.server, self.client, True], daemon=True)
                back.start()
                self.pump(self.client, self.server, False)
                back.join()
                self.server.close()
            except OSError:
                self.reset()
        self.client.close()

    def reset(self) -> None:
        """Ends at once, with RST; threads that wait for either socket are woken."""
        self.is_reset = True
        with suppress(OSError):
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.client.shutdown(socket.SHUT_RD)
        self.client.close()
        if self.server is not None:
            with suppress(OSError):
                self.server.shutdown(socket.SHUT_RDWR)

    def may_pass(self) -> bool:
        """Waits while nothing moves; False if the connection was reset in the meantime."""
        while self.proxy.mode == "blackhole" and not self.is_reset:
            time.sleep(POLL)
        return not self.is_reset

    def pump(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while (piece := source.recv(65536)) and self.may_pass():
                if self.proxy.mode == "reset":
                    self.reset()
                    return
                sink.sendall(self.alter(piece) if is_answer else piece)
                if is_answer and self.proxy.mode == "truncate" and self.passed >= self.proxy.keep:
                    break
        if not self.is_reset:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR if is_answer else socket.SHUT_WR)
                source.shutdown(socket.SHUT_RD)

    def alter(self, piece: bytes) -> bytes:
        """A piece of the response as the mode changes it."""
        if self.proxy.mode == "latency":
            time.sleep(self.proxy.delay)
        elif self.proxy.mode == "garbage":
            return random.randbytes(len(piece))
        elif self.proxy.mode == "truncate":
            piece = piece[: max(0, self.proxy.keep - self.passed)]
            self.passed += len(piece)
        return piece


def open_target(target: tuple[str, int] | str) -> socket.socket:
    if isinstance(target, tuple):
        server = socket.create_connection(target, 5)
    else:
        server = socket.socket(socket.AF_UNIX)
        server.connect(target)
    server.settimeout(None)
    return server
