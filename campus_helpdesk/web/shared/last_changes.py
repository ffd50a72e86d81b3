"""Who gave a ticket its status or category, and when, as text: "Anna took it up 2 minutes ago"."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from campus_helpdesk.web.shared import relative_time
from common.roles import Caller, Role
from tickets.history import find_last_moves
from tickets.lifecycle import Status
from tickets.models import Correction, Ticket, TicketEvent

MOVE_PHRASES = {Status.OPEN: "opened it again", Status.ACTIVE: "took it up", Status.CLOSED: "closed it"}


def describe_last_moves(tickets: Iterable[Ticket], caller: Caller) -> list[str]:
    """A sentence for each ticket, without the full stop. Who moved it before an import is unknown."""
    listed = list(tickets)
    moves = find_last_moves(listed) if listed else {}
    return [describe_last_move(ticket, moves.get(ticket.pk), caller) for ticket in listed]


def describe_last_move(ticket: Ticket, move: TicketEvent | None, caller: Caller) -> str:
    moment = move.pgh_created_at if move else status_since(ticket)
    who = name_author(move, caller) if move else "someone"
    return f"{who} {MOVE_PHRASES[Status(ticket.status)]} {relative_time.ago(timezone.now() - moment)}"


def name_author(event: TicketEvent | Correction, caller: Caller) -> str:
    if caller.session and event.by_session == caller.session:
        return "you"
    if event.by_role == Role.USER:  # whatever name they use
        return f"{event.by_name} (user)" if event.by_name else "a user"
    return event.by_name or ("the helpdesk" if event.by_role == Role.HELPDESK else "someone")


def status_since(ticket: Ticket) -> datetime:
    """When it reached its status."""
    return ticket.closed_at or ticket.activated_at or ticket.opened_at


def describe_correction(ticket: Ticket, caller: Caller) -> str:
    """For a ticket whose category a person chose."""
    last = ticket.corrections.last()
    if last is None:  # it was imported with its category
        return "someone chose it"
    return f"{name_author(last, caller)} chose it {relative_time.ago(timezone.now() - last.at)}"
