"""Who may see and do what. This is decided here only, and applied before any filter.

The role organises the work and is not an identity: users choose it when they enter the site.
"""

from typing import Protocol

from django.conf import settings
from django.db.models import Q

from common.errors import NotAllowed
from common.roles import Caller, Role
from tickets.lifecycle import Status


class TicketLike(Protocol):
    """What decides about a ticket: its row, whose module builds on this one."""

    @property
    def status(self) -> str: ...
    @property
    def opener(self) -> str: ...


VISIBLE_STATUSES = {Role.USER: [Status.OPEN, Status.ACTIVE], Role.HELPDESK: list(Status)}


def visible_to(role: str) -> Q:
    """The tickets that a role may see. A hidden ticket is answered like a missing one."""
    return Q() if role == Role.HELPDESK else Q(status__in=VISIBLE_STATUSES[Role.USER])


def can_see(caller: Caller, ticket: TicketLike) -> bool:
    """The same for a ticket that is already loaded: it may have been closed since."""
    return ticket.status in VISIBLE_STATUSES[caller.role]


def messages_visible_to(role: str) -> Q:
    """The messages of visible tickets that a role may see."""
    if role == Role.HELPDESK:
        return Q()
    return Q(is_internal=False)


def photos_visible_to(role: str) -> Q:
    """The photos of visible tickets that a role may see: of the report, and of messages it may see."""
    if role == Role.HELPDESK:
        return Q()
    return Q(message=None) | Q(message__is_internal=False)


def may_make_link(caller: Caller, ticket: TicketLike, *, follows: bool) -> bool:
    """Whether the caller's browser may have a secret link: only one that follows a ticket, as who reported it
    does, as long as it may see it."""
    return follows and bool(caller.browser) and not caller.scope and can_see(caller, ticket)


def link_shows_conversation(ticket: TicketLike) -> bool:
    """What a ticket's secret link shows of it: with CLOSED_BY_LINK=off, of a closed one only that it was
    closed, and when."""
    return ticket.status != Status.CLOSED or settings.CLOSED_BY_LINK


def link_may_answer(ticket: TicketLike) -> bool:
    """Whether the holder of its secret link may write a message."""
    return ticket.status != Status.CLOSED


def _is_reporter(caller: Caller, ticket: TicketLike) -> bool:
    return bool(caller.session) and caller.session == ticket.opener


def _may_correct(caller: Caller, ticket: TicketLike | None) -> bool:
    if caller.is_helpdesk:
        return True
    return ticket is not None and _is_reporter(caller, ticket) and ticket.status == Status.OPEN


ANY_ROLE = {"report", "edit", "message", "attach", "follow"}
HELPDESK_ONLY = {
    "note",
    "activate",
    "close",
    "repair",
    "activate_model",
    "keep_places",
    "remove_photo",
    "merge",
    "handle_mail",
}


def may(caller: Caller, verb: str, ticket: TicketLike | None = None) -> bool:
    """Whether the caller may do `verb` (to a ticket that the caller can see)."""
    if caller.scope:
        return False
    if verb in ANY_ROLE:
        return True
    if verb in HELPDESK_ONLY:
        return caller.is_helpdesk
    if verb == "correct":
        return _may_correct(caller, ticket)
    raise ValueError(f"unknown verb {verb!r}")


def require(caller: Caller, verb: str, ticket: TicketLike | None = None) -> None:
    """Raises NotAllowed unless the caller may do it."""
    if not may(caller, verb, ticket):
        raise NotAllowed("Your role does not allow this.")
