"""Keeps processes running: starts them in order, restarts dead ones, stops all in reverse order.

One thread: a process dies with the thread that started it (see process_lifetime.die_with_parent), and a
signal only sets a flag that every wait checks, so that no process is lost between its start and our record of
it.
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
GOOD_RUN = 60.0  # a process that lived this long restarts without the earlier pauses
MAX_LOG_BYTES = 10_000_000  # bytes; a larger one is rotated
LOG_SECONDS = 60.0  # between two checks of the logs
REFUSAL = "CommandError: "  # how Django begins the error line of a command


class Stopped(Exception):
    """Somebody asked us to stop."""


@dataclass
class Part:
    """One server: how it starts, how it is asked to stop, what became of it."""

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

    def shorten_log(self) -> None:
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
        if time.monotonic() - self.started_at > GOOD_RUN:
            self.pause = FIRST_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, MAX_PAUSE)
        self.start_at = time.monotonic() + pause
        return pause


class Supervisor:
    def __init__(self) -> None:
        self._tiers: list[list[Part]] = []
        self._is_stopping = False
        self._logs_at = 0.0

    def listen_to_signals(self) -> None:
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # a closed terminal, unless under nohup
            numbers.append(signal.SIGHUP)
        for number in numbers:
            signal.signal(number, self._note_signal)

    def start(self, *parts: Part) -> None:
        """Starts processes that are stopped together, before all that were started earlier."""
        self._tiers.append(list(parts))
        for part in parts:
            part.start()

    def run(self, part: Part, seconds: float) -> None:
        """A process that does its work and exits; raises StartFailed if it fails or takes too long."""
        self.start(part)
        deadline = time.monotonic() + seconds
        while (code := part.ended()) is None:
            self.pause(0.02)
            if time.monotonic() > deadline:
                raise StartFailed(f"{part.name} was not done after {seconds:.0f} s:\n{last_lines(part.log)}")
        self._tiers.pop()
        if code != 0:
            raise StartFailed(describe_failure(part, code))

    def wait(self, is_done: Callable[[], bool], seconds: float, part: Part) -> None:
        """Waits for a process that others need; raises StartFailed if it exits or takes too long."""
        deadline = time.monotonic() + seconds
        while not is_done():
            self.pause(0.02)
            if (code := part.ended()) is not None:
                raise StartFailed(f"{part.name} exited with code {code}:\n{last_lines(part.log)}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{part.name} was not ready after {seconds:.0f} s:\n{last_lines(part.log)}")

    def pause(self, seconds: float) -> None:
        if self._is_stopping:
            raise Stopped
        time.sleep(seconds)

    def watch(self) -> None:
        """One check of every process: reports the dead and plans their restart, starts those that are due."""
        if time.monotonic() > self._logs_at:
            self._logs_at = time.monotonic() + LOG_SECONDS
            for part in self.parts():
                part.shorten_log()
        for part in self.parts():
            if (code := part.ended()) is not None:
                self._plan(part, f"exited with code {code}")
            elif part.start_at is not None and time.monotonic() >= part.start_at:
                self._start_again(part)

    def stop(self) -> None:
        """Asks one tier, waits for its slowest process, kills what is left, continues with the tier before
        it."""
        for tier in reversed(self._tiers):
            for part in tier:
                if part.process is not None and part.process.poll() is None:
                    part.process.send_signal(part.stop_signal)
            started = time.monotonic()
            for part in tier:
                self._finish(part, started + part.stop_seconds)
        self._tiers.clear()

    def parts(self) -> list[Part]:
        return [part for tier in self._tiers for part in tier]

    def _note_signal(self, *_: object) -> None:
        self._is_stopping = True

    def _plan(self, part: Part, what: str) -> None:
        pause = part.plan_restart()
        print_line(f"{part.name} {what}; restarting it in {pause:.0f} s. The end of {part.log}:")
        for line in last_lines(part.log, 5).splitlines():
            print_line(f"  {part.name} | {line}")

    def _start_again(self, part: Part) -> None:
        print_line(f"Restarting {part.name}.")
        try:
            part.start()
        except (OSError, StartFailed, subprocess.SubprocessError) as error:
            self._plan(part, f"did not start: {error}")

    def _finish(self, part: Part, deadline: float) -> None:
        if part.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            part.process.wait(max(0.0, deadline - time.monotonic()))
        kill_group(part.process.pid)
        part.process.wait()
        part.process = None


def describe_failure(part: Part, code: int) -> str:
    """A failing command has explained itself in one line; for everything else, the end of the log."""
    last = last_lines(part.log, 1)
    if last.startswith(REFUSAL):
        return last.removeprefix(REFUSAL)
    return f"{part.name} exited with code {code}:\n{last_lines(part.log)}"


def print_line(text: str, end: str = "\n") -> None:
    """Prints to standard output; a reader who went away stops nothing."""
    try:
        print(text, end=end, flush=True)
    except OSError:
        sys.stdout = None  # type: ignore[assignment]  # print then writes nowhere
