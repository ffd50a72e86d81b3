"""Kills a process that does not respond; the supervisor restarts it like any other that has exited."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from campus_helpdesk.local_stack.process import kill_group
from campus_helpdesk.local_stack.supervisor import Part, print_line

CHECK_SECONDS = 5.0  # between two checks
SILENT_SECONDS = 60.0
START_SECONDS = 300.0  # until the first heartbeat: the machine may be busy

HeartbeatAges = Mapping[
    str, Any
]  # a process' name -> a value that changes while it is well; None if it is silent


@dataclass
class LastHeartbeat:
    """The last heartbeat of a process, and after how many seconds of watching it came."""

    pid: int
    sign: Any
    at: float
    patience: float = START_SECONDS


class Watchdog:
    def __init__(self, read_signs: Callable[[], HeartbeatAges], silent_seconds: float = SILENT_SECONDS):
        """`read_signs` leaves out processes that cannot be asked at the moment: they are not judged."""
        self._read_signs, self._silent_seconds = read_signs, silent_seconds
        self._pause = min(CHECK_SECONDS, silent_seconds / 4)
        self._hearings: dict[str, LastHeartbeat] = {}
        self._look_at, self._looked_at, self._watched = 0.0, time.monotonic(), 0.0

    def watch(self, parts: Iterable[Part]) -> None:
        if time.monotonic() < self._look_at:
            return
        signs, now = self._read_signs(), self._count_watched()
        self._look_at = self._looked_at + self._pause
        for part in parts:
            if part.process is not None and self._is_silent(part.name, part.process.pid, signs, now):
                seconds = self._hearings[part.name].patience
                print_line(f"{part.name} did not respond for {seconds:.0f} s; killing it.")
                kill_group(part.process.pid)

    def _count_watched(self) -> float:
        """Seconds so far, without pauses of the whole machine, in which no process could respond."""
        now = time.monotonic()
        self._watched += min(now - self._looked_at, 2 * self._pause)
        self._looked_at = now
        return self._watched

    def _is_silent(self, name: str, pid: int, signs: HeartbeatAges, now: float) -> bool:
        hearing = self._hearings.get(name)
        if hearing is None or hearing.pid != pid:
            hearing = self._hearings[name] = LastHeartbeat(pid, signs.get(name), now)
        if name not in signs:
            hearing.at = now
        elif signs[name] not in (None, hearing.sign):
            hearing.sign, hearing.at, hearing.patience = signs[name], now, self._silent_seconds
        return now - hearing.at > hearing.patience
