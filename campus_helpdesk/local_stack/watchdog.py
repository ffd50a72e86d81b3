"""Ends a part that gives no sign of life: the supervisor starts it again, as every part that has ended."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from campus_helpdesk.local_stack.process import kill_group
from campus_helpdesk.local_stack.supervisor import Part, say

LOOK_SECONDS = 5.0  # between two looks
SILENT_SECONDS = 60.0
START_SECONDS = 300.0  # until the first sign: the machine may be busy

Signs = Mapping[str, Any]  # a part's name -> what changes while it is well; None where it is silent


@dataclass
class Hearing:
    """What was heard last of a process, and when: after how many seconds of watching."""

    pid: int
    sign: Any
    at: float
    patience: float = START_SECONDS


class Watchdog:
    def __init__(self, read_signs: Callable[[], Signs], silent_seconds: float = SILENT_SECONDS):
        """`read_signs` leaves out the parts of which nobody can be asked now: they are not judged."""
        self._read_signs, self._silent_seconds = read_signs, silent_seconds
        self._pause = min(LOOK_SECONDS, silent_seconds / 4)
        self._hearings: dict[str, Hearing] = {}
        self._look_at, self._looked_at, self._watched = 0.0, time.monotonic(), 0.0

    def watch(self, parts: Iterable[Part]) -> None:
        if time.monotonic() < self._look_at:
            return
        signs, now = self._read_signs(), self._count_watched()
        self._look_at = self._looked_at + self._pause
        for part in parts:
            if part.process is not None and self._is_silent(part.name, part.process.pid, signs, now):
                seconds = self._hearings[part.name].patience
                say(f"{part.name} gave no sign of life for {seconds:.0f} s; ending it.")
                kill_group(part.process.pid)

    def _count_watched(self) -> float:
        """Seconds so far, without a pause of the whole machine: no part could give a sign in it."""
        now = time.monotonic()
        self._watched += min(now - self._looked_at, 2 * self._pause)
        self._looked_at = now
        return self._watched

    def _is_silent(self, name: str, pid: int, signs: Signs, now: float) -> bool:
        hearing = self._hearings.get(name)
        if hearing is None or hearing.pid != pid:
            hearing = self._hearings[name] = Hearing(pid, signs.get(name), now)
        if name not in signs:
            hearing.at = now
        elif signs[name] not in (None, hearing.sign):
            hearing.sign, hearing.at, hearing.patience = signs[name], now, self._silent_seconds
        return now - hearing.at > hearing.patience
