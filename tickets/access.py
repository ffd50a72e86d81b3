"""Who sees and does what: the only place that decides it, applied before any filter.

The role is a workflow guard and no identity: whoever enters the site chooses it.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.enums import TextChoices

from tickets.lifecycle import Status


class Role(TextChoices):
    USER = "user", "User"
    HELPDESK = "helpdesk", "Helpdesk"


@dataclass(frozen=True)
class Caller:
    """Who is calling: a role out of the door's session, or a service with a token of one scope.

    session: pseudonym of the door's session, never its key. scope, analysis: service tokens only.
    """

    role: Role
    name: str = ""
    session: str = ""
    scope: str = ""
    analysis: str = ""

    @property
    def is_helpdesk(self) -> bool:
        return self.role == Role.HELPDESK


class Refused(Exception):
    """A request that is answered with a reason and changes nothing. status: its HTTP status.

    retry_after: after how many seconds the same may be asked again, 0 where waiting does not help.
    """

    status = 400
    title = "Refused"
    retry_after = 0

    def __init__(self, detail: str = ""):
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors: dict[str, list[str]] = {}


class Invalid(Refused):
    """Bad input. errors: field name -> sentences."""

    status = 400
    title = "Please check what you sent"

    def __init__(self, errors: dict[str, list[str]]):
        super().__init__("; ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items()))
        self.errors = errors


class NotAllowed(Refused):
    status = 403
    title = "Not allowed"


SEEN = {Role.USER: [Status.OPEN, Status.ACTIVE], Role.HELPDESK: list(Status)}


def visible_to(role: str) -> Q:
    """The tickets that a role may know of. A hidden ticket is answered like a missing one."""
    return Q() if role == Role.HELPDESK else Q(status__in=SEEN[Role.USER])


def sees(caller: Caller, ticket) -> bool:
    """The same of a ticket that is at hand: it may have been closed since it was found."""
    return ticket.status in SEEN[caller.role]


def messages_visible_to(role: str) -> Q:
    """The messages under a visible ticket that a role may know of."""
    if role == Role.HELPDESK:
        return Q()
    return Q(is_internal=False)


def _opened_it(caller: Caller, ticket) -> bool:
    return bool(caller.session) and caller.session == ticket.opener


def _may_correct(caller: Caller, ticket) -> bool:
    if caller.is_helpdesk:
        return True
    return _opened_it(caller, ticket) and ticket.status == Status.OPEN


EVERYBODY = {"report", "edit", "message"}
HELPDESK_ONLY = {"note", "activate", "close", "repair", "analyse", "teach"}


def may(caller: Caller, verb: str, ticket=None) -> bool:
    """Whether the caller may do `verb` (to a ticket that is visible to the caller)."""
    if caller.scope:
        return False
    if verb in EVERYBODY:
        return True
    if verb in HELPDESK_ONLY:
        return caller.is_helpdesk
    if verb == "correct":
        return _may_correct(caller, ticket)
    raise ValueError(f"unknown verb {verb!r}")


def require(caller: Caller, verb: str, ticket=None) -> None:
    """Raises NotAllowed unless the caller may do it."""
    if not may(caller, verb, ticket):
        raise NotAllowed(f"Your role does not allow this: {verb}.")
