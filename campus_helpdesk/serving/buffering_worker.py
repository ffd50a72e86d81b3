"""A gunicorn worker whose threads only get requests that have arrived completely.

Clients that send slowly, or stop half-way, occupy no thread and are disconnected in time. Monitoring has
its own threads, so that it is served while all others wait for a hanging database.
"""

import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from gunicorn.workers.gthread import ThreadWorker

from campus_helpdesk.serving.incoming_request import MAX_HEAD_BYTES, IncomingRequest
from campus_helpdesk.serving.response_socket import ResponseSocket

MAX_SLOW = 200  # arriving or draining connections; beyond it the oldest is closed
MAX_UPLOADS = 32  # requests with photos that are arriving
MAX_WAITING = 512  # connections accepted while no thread is free
MONITORING_THREADS = 16
TICK = 0.25  # seconds
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
NO_ROOM = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)

Connections = dict[IncomingRequest, None]
Receive = Callable[[IncomingRequest, socket.socket], None]


class BufferingWorker(ThreadWorker):
    head_seconds = 10.0
    body_seconds = 30.0
    response_seconds = 120.0  # of a thread for a client that reads nothing of its response
    drain_seconds = 2.0  # for the client to close first, so that the end of the response is not lost
    # Without a free thread for this long, connections are accepted in order to recognise monitoring.
    saturated_seconds = 0.5

    def init_process(self) -> None:
        self.arriving: dict[IncomingRequest, None] = {}  # the oldest first, here and below
        self.serving: dict[IncomingRequest, None] = {}
        self.draining: dict[IncomingRequest, None] = {}
        self.monitoring_pool = ThreadPoolExecutor(MONITORING_THREADS)
        self.was_free_at = time.monotonic()
        super().init_process()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(min(timeout, TICK))
        now = time.monotonic()
        for conn in overdue(self.arriving, now):
            self.refuse(conn, TOO_LATE if conn.received else b"")
        for conn in overdue(self.draining, now):
            self.end(self.draining, conn)
        for conn in [
            conn for conn in self.serving if now - conn.sock.last_progress_at > self.response_seconds
        ]:
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RDWR)
        self.worker_connections = self.connections_to_accept(now)

    def connections_to_accept(self, now: float) -> int:
        """How many connections may be open: one per thread, and those that occupy none."""
        monitoring = sum(conn.is_monitoring for conn in self.serving)
        if len(self.serving) - monitoring < self.cfg.threads:
            self.was_free_at = now
        if now - self.was_free_at > self.saturated_seconds:
            return MAX_WAITING
        return int(self.cfg.threads) + monitoring + len(self.arriving) + len(self.draining)

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        client = ResponseSocket(fileno=client.detach())
        conn = IncomingRequest(self.cfg, client, address, listener.getsockname())
        self.listen_to(self.arriving, conn, self.head_seconds, self.receive)
        self.receive(conn, client)

    def listen_to(self, where: Connections, conn: IncomingRequest, seconds: float, receive: Receive) -> None:
        if len(where) >= MAX_SLOW:
            self.end(where, next(iter(where)))
        conn.ends_at = time.monotonic() + seconds
        where[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(receive, conn))

    def receive(self, conn: IncomingRequest, client: socket.socket) -> None:
        received = read_some(client)
        if received is None:
            return
        conn.received += received
        had_head = conn.body_at > 0
        if not received:
            self.end(self.arriving, conn)
        elif not conn.has_head():
            if len(conn.received) > MAX_HEAD_BYTES:
                self.refuse(conn, TOO_LONG)
        else:
            self.receive_body(conn, client, is_first=not had_head)

    def receive_body(self, conn: IncomingRequest, client: socket.socket, *, is_first: bool) -> None:
        try:
            is_whole = conn.is_whole()
        except OSError:  # the disk is full
            self.refuse(conn, NO_ROOM)
            return
        if is_whole:
            self.serve(conn)
        elif is_first and sum(other.spool is not None for other in self.arriving) > MAX_UPLOADS:
            self.refuse(conn, NO_ROOM)
        elif is_first:
            conn.ends_at = time.monotonic() + self.body_seconds + conn.body_seconds
            if conn.drop_expectation():
                with suppress(OSError):
                    client.send(CONTINUE)

    def refuse(self, conn: IncomingRequest, response: bytes) -> None:
        with suppress(OSError):
            conn.sock.send(response)
        self.end(self.arriving, conn)

    def serve(self, conn: IncomingRequest) -> None:
        self.poller.unregister(conn.sock)
        del self.arriving[conn]
        self.serving[conn] = None
        conn.begin()
        pool = self.monitoring_pool if conn.is_monitoring else self.tpool
        served = pool.submit(self.handle, conn)
        served.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def handle(self, conn: IncomingRequest) -> None:
        """Runs in a thread of the pool."""
        conn.sock.last_progress_at = time.monotonic()
        super().handle(conn)

    def finish_request(self, conn: IncomingRequest, fs: Future[None]) -> None:
        """Waits for the client to close without occupying a thread, unlike gunicorn itself."""
        if not conn.is_monitoring:
            self.was_free_at = time.monotonic()
        del self.serving[conn]
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.listen_to(self.draining, conn, self.drain_seconds, self.drain_and_close)
        except (OSError, ValueError):  # it is already closed
            self.nr_conns -= 1
            conn.close()

    def drain_and_close(self, conn: IncomingRequest, client: socket.socket) -> None:
        if read_some(client) == b"":
            self.end(self.draining, conn)

    def end(self, where: Connections, conn: IncomingRequest) -> None:
        del where[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()


def overdue(connections: Connections, now: float) -> list[IncomingRequest]:
    return [conn for conn in connections if conn.ends_at < now]


def read_some(client: socket.socket) -> bytes | None:
    """None: nothing has arrived yet. Empty: nothing more will arrive."""
    try:
        return client.recv(65536)
    except BlockingIOError:
        return None
    except OSError:
        return b""
