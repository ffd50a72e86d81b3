"""Who gave a ticket its status or category, and when, as text: "Anna took it up 2 minutes ago"."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from campus_helpdesk.web.shared import relative_time
from common.roles import Caller, Role
from tickets.history import find_last_moves
from tickets.lifecycle import Status
from tickets.models import Correction, Ticket, TicketEvent

MOVES = {Status.OPEN: "opened it again", Status.ACTIVE: "took it up", Status.CLOSED: "closed it"}


def describe_movers(tickets: Iterable[Ticket], caller: Caller) -> list[str]:
    """A sentence for each, without its full stop. Who moved a ticket before it was imported is unknown."""
    listed = list(tickets)
    movers = find_last_moves(listed) if listed else {}
    return [describe_mover(ticket, movers.get(ticket.pk), caller) for ticket in listed]


def describe_mover(ticket: Ticket, mover: TicketEvent | None, caller: Caller) -> str:
    moment = mover.pgh_created_at if mover else reached_at(ticket)
    who = name_mover(mover, caller) if mover else "somebody"
    return f"{who} {MOVES[Status(ticket.status)]} {relative_time.ago(timezone.now() - moment)}"


def name_mover(mover: TicketEvent | Correction, caller: Caller) -> str:
    if caller.session and mover.by_session == caller.session:
        return "you"
    if mover.by_role == Role.USER:  # whatever name they use
        return f"{mover.by_name} (user)" if mover.by_name else "a user"
    return mover.by_name or ("the helpdesk" if mover.by_role == Role.HELPDESK else "somebody")


def reached_at(ticket: Ticket) -> datetime:
    """When it reached its status."""
    return ticket.closed_at or ticket.activated_at or ticket.opened_at


def describe_correction(ticket: Ticket, caller: Caller) -> str:
    """For a ticket whose category a person chose."""
    last = ticket.corrections.last()
    if last is None:  # it was imported with its category
        return "somebody chose it"
    return f"{name_mover(last, caller)} chose it {relative_time.ago(timezone.now() - last.at)}"
