"""Moves many tickets in one transaction.

With one transaction for each ticket, a failure of the database would leave an unknown part of them moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import OperationalError, transaction

from common.errors import Invalid
from common.roles import Caller
from django_common.retry import retry_on_deadlock
from tickets.access import require
from tickets.actions import activate_ticket, close_ticket
from tickets.lifecycle import Status, previous_status
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet

MAX_AT_ONCE = 100
LOCK_NOT_AVAILABLE = "55P03"
ACTIONS = {Status.ACTIVE: ("activate", activate_ticket), Status.CLOSED: ("close", close_ticket)}


@dataclass(frozen=True)
class MoveResults:
    """The result for each selected ticket; the lists are in order of ids.

    already_there: had the status already. wrong_status: cannot be moved from their status.
    locked_by_others: ids that somebody else is changing right now. missing: ids that the caller cannot see.
    """

    moved: list[Ticket]
    already_there: list[Ticket]
    wrong_status: list[Ticket]
    locked_by_others: list[int]
    missing: list[int]


@retry_on_deadlock
def move_tickets(numbers: Sequence[int], *, to: Status, by: Caller) -> MoveResults:
    """Raises NotAllowed, Invalid, OperationalError (then nothing has moved)."""
    verb, action = ACTIONS[to]
    require(by, verb)
    wanted = set(numbers)
    if not 0 < len(wanted) <= MAX_AT_ONCE:
        raise Invalid({"ticket": [f"Select 1 to {MAX_AT_ONCE} tickets; {len(wanted)} are selected."]})
    selected = Ticket.objects.visible_to(by.role).filter(pk__in=wanted).order_by("pk")
    locked = lock_rows(selected)
    ready = [ticket for ticket in locked if ticket.status == previous_status(to)]
    others = [ticket for ticket in locked if ticket.status != previous_status(to)]
    existing = set(selected.values_list("pk", flat=True))
    return MoveResults(
        moved=[action(ticket, by=by) for ticket in ready],
        already_there=[ticket for ticket in others if ticket.status == to],
        wrong_status=[ticket for ticket in others if ticket.status != to],
        locked_by_others=sorted(existing - {ticket.pk for ticket in locked}),
        missing=sorted(wanted - existing),
    )


def lock_rows(rows: TicketQuerySet) -> list[Ticket]:
    """Locks all of them in order, so that two people who move the same ones do not deadlock. If one is locked
    for longer than lock_timeout, locks only those that nobody else is changing."""
    try:
        with transaction.atomic():
            return list(rows.select_for_update(no_key=True))
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
    return list(rows.select_for_update(no_key=True, skip_locked=True))
