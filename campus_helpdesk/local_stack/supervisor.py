"""Keeps processes running: starts them in order, restarts dead ones, stops all in reverse order.

One thread: a process dies with the thread that started it (see process_lifetime.die_with_parent), and a
signal only sets a flag that every wait checks, so that no process is lost between its start and its
record.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from campus_helpdesk.local_stack.process import StartFailed, kill_group, last_lines

FIRST_PAUSE = 1.0  # seconds; doubled with each consecutive death
MAX_PAUSE = 30.0
STABLE_SECONDS = 60.0  # a process that has run this long restarts after the first pause again
MAX_LOG_BYTES = 10_000_000  # a larger log is rotated
LOG_SECONDS = 60.0  # between two checks of the logs
REFUSAL = "CommandError: "  # how Django begins the error line of a command


class Stopped(Exception):
    """A signal asked the stack to stop."""


@dataclass
class ManagedProcess:
    """One process: how it starts, how it is asked to stop, and its current state."""

    name: str
    log: Path
    spawn: Callable[[IO[bytes]], subprocess.Popen[bytes]]
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 5.0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    pause: float = field(default=FIRST_PAUSE, init=False)
    start_at: float | None = field(default=None, init=False)

    def start(self) -> None:
        self.start_at, self.started_at = None, time.monotonic()
        with self.log.open("ab") as output:
            self.process = self.spawn(output)

    def rotate_log(self) -> None:
        """Copied and truncated in place: the process continues to append to the same file."""
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)

    def ended(self) -> int | None:
        """The exit code, once, of a process that exited by itself."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        kill_group(self.process.pid)
        self.process = None
        return code

    def plan_restart(self) -> float:
        """Seconds until the next start."""
        if time.monotonic() - self.started_at > STABLE_SECONDS:
            self.pause = FIRST_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, MAX_PAUSE)
        self.start_at = time.monotonic() + pause
        return pause


class Supervisor:
    def __init__(self) -> None:
        self._tiers: list[list[ManagedProcess]] = []
        self._is_stopping = False
        self._logs_at = 0.0

    def listen_to_signals(self) -> None:
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # a closed terminal, unless under nohup
            numbers.append(signal.SIGHUP)
        for number in numbers:
            signal.signal(number, self._note_signal)

    def start(self, *processes: ManagedProcess) -> None:
        """Starts processes that are stopped together, before all that were started earlier."""
        self._tiers.append(list(processes))
        for managed in processes:
            managed.start()

    def run(self, managed: ManagedProcess, seconds: float) -> None:
        """A process that does its work and exits; raises StartFailed if it fails or takes too long."""
        self.start(managed)
        deadline = time.monotonic() + seconds
        while (code := managed.ended()) is None:
            self.pause(0.02)
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{managed.name} was not done after {seconds:.0f} s:\n{last_lines(managed.log)}"
                )
        self._tiers.pop()
        if code != 0:
            raise StartFailed(describe_failure(managed, code))

    def wait(self, is_done: Callable[[], bool], seconds: float, managed: ManagedProcess) -> None:
        """Waits for a process that others need; raises StartFailed if it exits or takes too long."""
        deadline = time.monotonic() + seconds
        while not is_done():
            self.pause(0.02)
            if (code := managed.ended()) is not None:
                raise StartFailed(f"{managed.name} exited with code {code}:\n{last_lines(managed.log)}")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{managed.name} was not ready after {seconds:.0f} s:\n{last_lines(managed.log)}"
                )

    def pause(self, seconds: float) -> None:
        if self._is_stopping:
            raise Stopped
        time.sleep(seconds)

    def watch(self) -> None:
        """One check of every process: reports the dead and plans their restart, starts those that are due."""
        if time.monotonic() > self._logs_at:
            self._logs_at = time.monotonic() + LOG_SECONDS
            for managed in self.processes():
                managed.rotate_log()
        for managed in self.processes():
            if (code := managed.ended()) is not None:
                self._plan(managed, f"exited with code {code}")
            elif managed.start_at is not None and time.monotonic() >= managed.start_at:
                self._start_again(managed)

    def stop(self) -> None:
        """Asks one tier, waits for its slowest process, kills what is left, continues with the tier before
        it."""
        for tier in reversed(self._tiers):
            for managed in tier:
                if managed.process is not None and managed.process.poll() is None:
                    managed.process.send_signal(managed.stop_signal)
            started = time.monotonic()
            for managed in tier:
                self._finish(managed, started + managed.stop_seconds)
        self._tiers.clear()

    def processes(self) -> list[ManagedProcess]:
        return [managed for tier in self._tiers for managed in tier]

    def _note_signal(self, *_: object) -> None:
        self._is_stopping = True

    def _plan(self, managed: ManagedProcess, what: str) -> None:
        pause = managed.plan_restart()
        print_line(f"{managed.name} {what}; restarting it in {pause:.0f} s. The end of {managed.log}:")
        for line in last_lines(managed.log, 5).splitlines():
            print_line(f"  {managed.name} | {line}")

    def _start_again(self, managed: ManagedProcess) -> None:
        print_line(f"Restarting {managed.name}.")
        try:
            managed.start()
        except (OSError, StartFailed, subprocess.SubprocessError) as error:
            self._plan(managed, f"did not start: {error}")

    def _finish(self, managed: ManagedProcess, deadline: float) -> None:
        if managed.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            managed.process.wait(max(0.0, deadline - time.monotonic()))
        kill_group(managed.process.pid)
        managed.process.wait()
        managed.process = None


def describe_failure(managed: ManagedProcess, code: int) -> str:
    """A failing command has explained itself in one line; for everything else, the end of the log."""
    last = last_lines(managed.log, 1)
    if last.startswith(REFUSAL):
        return last.removeprefix(REFUSAL)
    return f"{managed.name} exited with code {code}:\n{last_lines(managed.log)}"


def print_line(text: str, end: str = "\n") -> None:
    """Prints to standard output; a closed pipe is ignored."""
    try:
        print(text, end=end, flush=True)
    except OSError:
        sys.stdout = None  # print then writes nowhere
