"""How soon the helpdesk usually answers, from the site's own history.

A page asks while people type, so that only the newest tickets of the category or the building are read,
however many there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import QuerySet
from django.utils import timezone

from tickets.models import Ticket

SETTLED = timedelta(days=14)  # younger tickets do not count: many of them wait for their answer
HISTORY = timedelta(days=365)
MAX_READ, MAX_READ_OF_BUILDING = 200, 400  # tickets
MIN_TICKETS = 20
USUAL = 0.75  # of the tickets were answered at least so soon

COLUMNS = ("category", "opened_at", "first_answered_at", "closed_at")
Waits = list[timedelta | None]


@dataclass(frozen=True)
class UsualAnswer:
    """within: the time in which `USUAL` of the tickets were answered. building: empty for all buildings."""

    within: timedelta
    building: str


def find_usual_answer(
    category: str, building: str = "", *, now: datetime | None = None
) -> UsualAnswer | None:
    """For this category in this building; with too few tickets there, in all. None if there are too few at
    all, or if many are never answered."""
    now = now or timezone.now()
    span = (now - HISTORY, now - SETTLED)
    for place in dict.fromkeys([building, ""]):
        if within := usual_wait(read_waits(category, span, place)):
            return UsualAnswer(within, place)
    return None


def read_waits(category: str, span: tuple[datetime, datetime], building: str = "") -> Waits:
    """How long each of the newest tickets waited for its answer; None if it got none. Closing one is an
    answer, too."""
    found = newest_tickets(category, span, building).values_list(*COLUMNS)
    return [
        min((at - opened for at in (answered, closed) if at), default=None)
        for row_category, opened, answered, closed in found
        if row_category == category
    ]


def newest_tickets(category: str, span: tuple[datetime, datetime], building: str) -> QuerySet[Ticket]:
    """Of the building, with their categories yet to be compared, or else of the category: so that one index
    has them in order."""
    rows = Ticket.objects.filter(opened_at__gte=span[0], opened_at__lt=span[1]).order_by("-opened_at", "-id")
    if building:
        return rows.filter(building=building)[:MAX_READ_OF_BUILDING]
    return rows.filter(category=category)[:MAX_READ]


def usual_wait(waits: Iterable[timedelta | None]) -> timedelta | None:
    """The wait that `USUAL` of the tickets did not exceed; None without enough of them."""
    known = list(waits)
    if len(known) < MIN_TICKETS:
        return None
    answered = sorted(wait for wait in known if wait is not None)
    position = ceil(USUAL * len(known)) - 1
    return answered[position] if position < len(answered) else None
