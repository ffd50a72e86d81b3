"""Every mode of the TCP proxy, with a server that echoes what it receives."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.support.chaos.tcp_proxy import TcpProxy

pytestmark = pytest.mark.fault_fast


@pytest.fixture
def proxy() -> Iterator[TcpProxy]:
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
    proxy = TcpProxy(server.getsockname())
    yield proxy
    proxy.close()
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def call(proxy: TcpProxy, seconds: float = 5) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), seconds)


def send(end: socket.socket, text: bytes = b"hello") -> bytes:
    end.sendall(text)
    return end.recv(1000)


def test_tcp_proxy_passes_data_and_changes_mode_of_open_connections(proxy):
    with call(proxy) as end:
        assert send(end) == b"hello"
        proxy.set("blackhole")
        end.settimeout(0.2)
        with pytest.raises(TimeoutError):
            send(end)
        proxy.set("pass")
        end.settimeout(5)
        assert end.recv(1000) == b"hello"
        proxy.set("garbage")
        assert send(end, b"x" * 100) != b"x" * 100
        proxy.set("latency", delay=0.01)
        assert send(end) == b"hello"


def test_tcp_proxy_refuses_and_listens_again_on_the_same_port(proxy):
    with call(proxy) as end:
        assert send(end) == b"hello"
        proxy.set("refuse")
        with pytest.raises(ConnectionError):
            assert end.recv(1000) == b"not an answer"
    with pytest.raises(ConnectionRefusedError):
        call(proxy)
    proxy.set("pass")
    with call(proxy) as end:
        assert send(end) == b"hello"


def test_tcp_proxy_resets_connections(proxy):
    proxy.set("reset")
    with call(proxy) as end, pytest.raises(ConnectionResetError):
        send(end)


def test_tcp_proxy_truncates_a_response(proxy):
    proxy.set("truncate", keep=3)
    with call(proxy) as end:
        assert send(end) == b"hel"
        assert end.recv(1000) == b""


def test_tcp_proxy_accepts_connections_while_nothing_moves(proxy):
    proxy.set("blackhole")
    with call(proxy, 0.2) as end:
        with pytest.raises(TimeoutError):
            send(end)
        proxy.set("pass")
        end.settimeout(5)
        assert end.recv(1000) == b"hello"
