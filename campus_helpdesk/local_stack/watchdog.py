"""Kills a process without heartbeats; the supervisor restarts it like any other that has exited."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from campus_helpdesk.local_stack.process import kill_group
from campus_helpdesk.local_stack.supervisor import ManagedProcess, print_line

CHECK_SECONDS = 5.0  # between two checks
SILENT_SECONDS = 60.0
START_SECONDS = 300.0  # until the first heartbeat: the machine may be busy

# The name of a process -> a value that changes while the process is alive; None if it is silent.
HeartbeatValues = Mapping[str, Any]


@dataclass
class LastHeartbeat:
    """The last heartbeat of a process, and the seconds of watching after which it came."""

    pid: int
    value: Any
    at: float
    timeout: float = START_SECONDS


class Watchdog:
    def __init__(
        self, read_heartbeats: Callable[[], HeartbeatValues], silent_seconds: float = SILENT_SECONDS
    ):
        """`read_heartbeats` leaves out processes whose heartbeats are unknown; these are not killed."""
        self._read_heartbeats, self._silent_seconds = read_heartbeats, silent_seconds
        self._pause = min(CHECK_SECONDS, silent_seconds / 4)
        self._last_heartbeats: dict[str, LastHeartbeat] = {}
        self._next_check_at, self._checked_at, self._watched = 0.0, time.monotonic(), 0.0

    def watch(self, processes: Iterable[ManagedProcess]) -> None:
        if time.monotonic() < self._next_check_at:
            return
        heartbeats, now = self._read_heartbeats(), self._count_watched()
        self._next_check_at = self._checked_at + self._pause
        for managed in processes:
            if managed.process is not None and self._is_silent(
                managed.name, managed.process.pid, heartbeats, now
            ):
                seconds = self._last_heartbeats[managed.name].timeout
                print_line(f"{managed.name} did not respond for {seconds:.0f} s; killing it.")
                kill_group(managed.process.pid)

    def _count_watched(self) -> float:
        """Seconds so far, without pauses of the whole machine, in which no process could respond."""
        now = time.monotonic()
        self._watched += min(now - self._checked_at, 2 * self._pause)
        self._checked_at = now
        return self._watched

    def _is_silent(self, name: str, pid: int, heartbeats: HeartbeatValues, now: float) -> bool:
        last = self._last_heartbeats.get(name)
        if last is None or last.pid != pid:
            last = self._last_heartbeats[name] = LastHeartbeat(pid, heartbeats.get(name), now)
        if name not in heartbeats:
            last.at = now
        elif heartbeats[name] not in (None, last.value):
            last.value, last.at, last.timeout = heartbeats[name], now, self._silent_seconds
        return now - last.at > last.timeout
