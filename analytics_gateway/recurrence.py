"""The slots of a schedule: pure functions of time.

A slot is an hour of campus time. If clocks skip it, the slot is the first time after the gap; if clocks
repeat it, the first one counts. Slots are returned in UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim
from django.db.models import TextChoices

LAST_HOUR = 23
LAST_WEEKDAY = 6
LAST_DAY_OF_MONTH = 28  # every month has it

WEEKDAYS = list(enumerate(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]))


class Cadence(TextChoices):
    DAILY = "daily", "Day"
    WEEKLY = "weekly", "Week"
    MONTHLY = "monthly", "Month"


@dataclass(frozen=True)
class Recurrence:
    """When a schedule runs. weekday: 0 is Monday, weekly only; day_of_month: 1 to 28, monthly only."""

    cadence: str
    hour: int
    weekday: int | None = None
    day_of_month: int | None = None

    def describe(self) -> str:
        hour = f"{self.hour:02}:00"
        if self.weekday is not None:
            return f"Every {WEEKDAYS[self.weekday][1]} at {hour}"
        if self.day_of_month is not None:
            return f"On day {self.day_of_month} of every month at {hour}"
        return f"Every day at {hour}"

    def as_cron(self) -> str:
        """The same as a cron expression, in which 1 is Monday and 7 is Sunday."""
        weekday = "*" if self.weekday is None else self.weekday + 1
        return f"0 {self.hour} {self.day_of_month or '*'} * {weekday}"


def slots_after(recurrence: Recurrence, after: datetime, zone: str) -> Iterator[datetime]:
    """All slots later than `after`, in order.

    The comparison is needed: in a repeated hour, local time yields a slot that has already passed.
    """
    local = after.astimezone(ZoneInfo(zone))
    slots = (slot.astimezone(UTC) for slot in CronSim(recurrence.as_cron(), local))
    return (slot for slot in slots if slot > after)


def slots_between(recurrence: Recurrence, after: datetime, until: datetime, zone: str) -> list[datetime]:
    """The slots with after < slot <= until."""
    return list(takewhile(lambda slot: slot <= until, slots_after(recurrence, after, zone)))


def next_slots(recurrence: Recurrence, after: datetime, count: int, zone: str) -> list[datetime]:
    """The next `count` slots later than `after`."""
    return list(islice(slots_after(recurrence, after, zone), count))
