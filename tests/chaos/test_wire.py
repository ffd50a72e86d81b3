"""Every mode of the wire, with a server that echoes what it receives."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.support.chaos.wire import Wire

pytestmark = pytest.mark.fault_fast


@pytest.fixture
def wire() -> Iterator[Wire]:
    server = socket.create_server(("127.0.0.1", 0))

    def echo(end: socket.socket) -> None:
        with end:
            while piece := end.recv(1000):
                end.sendall(piece)

    def serve() -> None:
        while True:
            try:
                end, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=[end], daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    wire = Wire(server.getsockname())
    yield wire
    wire.close()
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def call(wire: Wire, seconds: float = 5) -> socket.socket:
    return socket.create_connection(("127.0.0.1", wire.port), seconds)


def say(end: socket.socket, text: bytes = b"hello") -> bytes:
    end.sendall(text)
    return end.recv(1000)


def test_wire_passes_and_its_mode_changes_while_a_connection_lives(wire):
    with call(wire) as end:
        assert say(end) == b"hello"
        wire.set("blackhole")
        end.settimeout(0.2)
        with pytest.raises(TimeoutError):
            say(end)
        wire.set("pass")
        end.settimeout(5)
        assert end.recv(1000) == b"hello"
        wire.set("garbage")
        assert say(end, b"x" * 100) != b"x" * 100
        wire.set("latency", delay=0.01)
        assert say(end) == b"hello"


def test_wire_refuses_and_listens_again_at_the_same_port(wire):
    with call(wire) as end:
        assert say(end) == b"hello"
        wire.set("refuse")
        with pytest.raises(ConnectionError):
            assert end.recv(1000) == b"not an answer"
    with pytest.raises(ConnectionRefusedError):
        call(wire)
    wire.set("pass")
    with call(wire) as end:
        assert say(end) == b"hello"


def test_wire_resets(wire):
    wire.set("reset")
    with call(wire) as end, pytest.raises(ConnectionResetError):
        say(end)


def test_wire_cuts_an_answer_short(wire):
    wire.set("truncate", keep=3)
    with call(wire) as end:
        assert say(end) == b"hel"
        assert end.recv(1000) == b""


def test_wire_takes_connections_while_nothing_moves(wire):
    wire.set("blackhole")
    with call(wire, 0.2) as end:
        with pytest.raises(TimeoutError):
            say(end)
        wire.set("pass")
        end.settimeout(5)
        assert end.recv(1000) == b"hello"
