"""The timeline of a ticket: when it is answered and closed."""

import random
from datetime import datetime, timedelta
from typing import NamedTuple

from campus_helpdesk.demo.academic_calendar import activity, at_work, is_exam_time

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Pace(NamedTuple):
    """Median hours to the first answer and from there to the end, and the spread of the latter."""

    answer: float
    solve: float
    spread: float


PACES = {"it": Pace(1.5, 16, 1.1), "facility": Pace(3, 46, 1.0), "services": Pace(7, 70, 0.9)}
PACES_OF_EVENTS = {"outage": Pace(0.3, 5, 0.2), "cold": Pace(1, 60, 0.3)}
BACKLOG, STUCK_FOR, STUCK_SHARE = 60 * DAY, 300 * DAY, 0.015


class Timeline(NamedTuple):
    """The times of a ticket, None if they have not come yet. end: closing or horizon."""

    opened: datetime
    answered: datetime | None
    closed: datetime | None
    end: datetime

    @property
    def status(self) -> str:
        return "closed" if self.closed else "active" if self.answered else "open"


def plan_timeline(opened: datetime, pace: Pace, horizon: datetime, rng: random.Random) -> Timeline:
    """Log-normal waiting and solving times in working hours; slower in exam weeks and holidays."""
    wait = rng.lognormvariate(0, 0.9) * pace.answer
    solve = rng.lognormvariate(0, pace.spread) * pace.solve * slowness(opened)
    answered = at_work(opened + max(wait * HOUR, 3 * MINUTE), rng).replace(microsecond=0)
    closed = at_work(answered + max(solve * HOUR, 10 * MINUTE), rng).replace(microsecond=0)
    is_waiting, is_unsolved = find_backlog(horizon - opened, rng)
    return Timeline(
        opened,
        answered if answered < horizon and not is_waiting else None,
        closed if closed < horizon and not is_unsolved else None,
        horizon if is_unsolved else min(closed, horizon),
    )


def slowness(opened: datetime) -> float:
    """How many times longer than usual it takes."""
    if is_exam_time(opened.date()):
        return 1.7
    return 1.3 if activity(opened.date()) < 0.5 else 1.0


def find_backlog(age: timedelta, rng: random.Random) -> tuple[bool, bool]:
    """Whether a ticket of that age is waiting for its first answer, and whether it is unsolved.

    The younger, the likelier, and a few old ones are stuck. This makes today's queue.
    """
    youth = max(1 - age / BACKLOG, 0)
    stuck = STUCK_SHARE if age < STUCK_FOR else 0
    is_waiting = rng.random() < 0.45 * youth
    return is_waiting, is_waiting or rng.random() < max(0.75 * youth, stuck)
