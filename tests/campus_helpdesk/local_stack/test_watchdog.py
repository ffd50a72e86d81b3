import os
import signal
import sys
import time
from pathlib import Path

import pytest

from campus_helpdesk.local_stack import process
from campus_helpdesk.local_stack.supervisor import ManagedProcess, Supervisor
from campus_helpdesk.local_stack.watchdog import Watchdog
from tests.support.processes import wait_until

SILENT = 1.0  # seconds; a healthy process may be late on a busy machine
BEATS = """
import pathlib, sys, time
while True:
    pathlib.Path(sys.argv[1]).write_text(str(time.monotonic()))
    time.sleep(0.02)
"""


class WatchedProcesses:
    """A part that writes its heartbeat to a file, supervised as in the stack."""

    def __init__(self, folder: Path):
        self.sign, self.is_known = folder / "sign", True
        self.supervisor, self.watchdog = Supervisor(), Watchdog(self.read, silent_seconds=SILENT)

        def spawn(output):
            command = [sys.executable, "-c", BEATS, self.sign]
            return process.spawn(command, env=dict(os.environ), output=output)

        self.part = ManagedProcess("worker", folder / "worker.log", spawn)
        self.supervisor.start(self.part)
        wait_until(self.sign.exists)

    def read(self):
        return {"worker": self.sign.read_text()} if self.is_known else {}

    def watch(self) -> None:
        self.supervisor.watch()
        self.watchdog.watch(self.supervisor.processes())

    def watch_for(self, looks: int) -> None:
        for _ in range(looks):
            self.watchdog._look_at = 0
            self.watch()


@pytest.fixture
def watched(folder):
    watched = WatchedProcesses(folder)
    yield watched
    watched.supervisor.stop()


def test_hanging_process_is_killed_and_restarted(watched, capsys):
    hung = watched.part.process.pid
    wait_until(lambda: watched.watch() or watched.watchdog._last_heartbeats["worker"].timeout == SILENT)
    os.kill(hung, signal.SIGSTOP)
    wait_until(lambda: watched.watch() or (watched.part.process and watched.part.process.pid != hung))
    output = capsys.readouterr().out
    assert "worker did not respond for 1 s; killing it." in output
    assert "worker exited with code -9; restarting it" in output


def test_process_with_unknown_heartbeat_is_not_killed(watched):
    wait_until(lambda: watched.watch() or watched.watchdog._last_heartbeats["worker"].timeout == SILENT)
    first = watched.part.process.pid
    watched.is_known = False
    os.kill(first, signal.SIGSTOP)
    watched.watchdog._last_heartbeats["worker"].at -= 60
    watched.watch_for(3)
    assert watched.part.process.pid == first
    assert watched.part.process.poll() is None


def test_suspended_machine_does_not_count_as_silence(watched):
    """Longer than a process may be silent; the watchdog checks first, before any process could respond."""
    wait_until(lambda: watched.watch() or watched.watchdog._last_heartbeats["worker"].timeout == SILENT)
    first = watched.part.process
    os.kill(first.pid, signal.SIGSTOP)
    time.sleep(1.5 * SILENT)
    watched.watch_for(1)
    os.kill(first.pid, signal.SIGCONT)
    deadline = time.monotonic() + 1.5 * SILENT
    wait_until(lambda: watched.watch() or time.monotonic() > deadline)
    assert watched.part.process is first
    assert first.poll() is None


def test_starting_process_has_a_longer_timeout(watched):
    os.kill(watched.part.process.pid, signal.SIGSTOP)
    watched.watch_for(1)
    watched.watchdog._last_heartbeats["worker"].at -= 200
    watched.watch_for(1)
    assert watched.part.process.poll() is None
