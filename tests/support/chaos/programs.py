"""Starts, stops, kills and freezes one real program in its own process group.

Start programs in the main thread: the kernel kills them when the thread that started them ends.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from campus_helpdesk.local_stack.embedded_server import Server
from campus_helpdesk.local_stack.process import end, kill_group
from campus_helpdesk.local_stack.supervisor import ManagedProcess

SECONDS = 90  # the machine may be busy
STOP_SECONDS = 40

Answer = TypeVar("Answer")


def wait_until(condition: Callable[[], Answer], seconds: float = SECONDS, what: str = "") -> Answer:
    """Polls; returns the first true result."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not: {what or condition}"
        time.sleep(0.05)
    return answer


class Program:
    """`managed` contains the command; `is_ready` checks whether the program has started."""

    def __init__(self, managed: ManagedProcess, is_ready: Callable[[], bool] = lambda: True):
        self.managed, self.is_ready = managed, is_ready
        self.kills = 0

    @property
    def name(self) -> str:
        return self.managed.name

    @property
    def pid(self) -> int:
        assert self.managed.process is not None, f"{self.name} does not run"
        return self.managed.process.pid

    @property
    def is_alive(self) -> bool:
        return self.managed.process is not None and self.managed.process.poll() is None

    @property
    def log(self) -> str:
        return self.managed.log.read_text(errors="replace") if self.managed.log.exists() else ""

    def start(self) -> None:
        """Starts it and waits until it is ready."""
        assert not self.is_alive, f"{self.name} runs already"
        self.managed.start()
        wait_until(lambda: self.is_ready() or not self.is_alive, what=f"{self.name} is ready")
        assert self.is_alive, f"{self.name} ended:\n{self.log[-2000:]}"

    def signal(self, number: int) -> None:
        """To the leader only."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL to all its processes at once."""
        self._signal_all(signal.SIGKILL)
        kill_group(self.pid)
        self._forget()
        self.kills += 1

    def stop(self) -> None:
        """Sends its stop signal and waits; kills it if that takes too long."""
        self._end(self.managed.stop_signal)

    def stop_immediately(self) -> None:
        """PostgreSQL's `stop -m immediate`: as in a crash, nothing is flushed."""
        self._end(signal.SIGQUIT)
        self.kills += 1

    def freeze(self) -> None:
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    def children(self) -> list[int]:
        """gunicorn's workers, Celery's pool, PostgreSQL's sessions."""
        return children_of(self.pid)

    def kill_child(self, position: int = 0) -> int:
        """SIGKILL to one child; returns its pid."""
        pid = wait_until(self.children, what=f"{self.name} has children")[position]
        os.kill(pid, signal.SIGKILL)
        self.kills += 1
        return pid

    def _signal_all(self, number: int) -> None:
        """The leader first, so that it starts no new ones. PostgreSQL's sessions are in other groups."""
        for pid in family_of(self.pid):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def _end(self, number: int) -> None:
        if self.is_alive:
            self.thaw()
            end(self.managed.process, number, STOP_SECONDS)
        self._forget()

    def _forget(self) -> None:
        if self.managed.process is not None:
            self.managed.process.wait()
            self.managed.process = None


def family_of(pid: int) -> list[int]:
    """The process, its children, their children."""
    family = [pid]
    for member in family:
        family += children_of(member)
    return family


def children_of(parent: int) -> list[int]:
    """The running ones, oldest first."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, ppid = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(ppid) == parent and state != "Z":
            found.append(int(stat.parent.name))
    return sorted(found)


def server_program(server: Server) -> Program:
    """PostgreSQL or Valkey; its address stays the same over restarts."""
    server.prepare()
    managed = ManagedProcess(server.name, server.log, server.spawn, server.stop_signal, server.stop_seconds)
    return Program(managed, server.is_ready)
