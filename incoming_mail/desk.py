"""What the helpdesk sees of mails, and does with those that became nothing."""

from collections.abc import Sequence

from common.roles import Caller
from django_common.retry import retry_on_deadlock
from incoming_mail.composing import describe
from incoming_mail.models import IncomingMail, State
from incoming_mail.parsing import ParsedMail, parse_mail
from incoming_mail.receiving import sender_of, stage_photos
from tickets.access import require
from tickets.actions import open_ticket
from tickets.errors import WrongState
from tickets.models import Ticket

NOTHING_LEFT = "It has become a ticket already, or was erased."


def find_mails(tickets: Sequence[Ticket]) -> dict[tuple[int, int | None], IncomingMail]:
    """By ticket and message: the mails that became these. For the helpdesk only."""
    rows = IncomingMail.objects.filter(ticket__in=tickets).defer("raw", "text")
    return {(row.ticket_id, row.message_id): row for row in rows if row.ticket_id}


def suggest_description(mail: IncomingMail) -> str:
    return describe(ParsedMail(subject=mail.subject, text=mail.text), [])


def make_ticket(mail: IncomingMail, *, by: Caller, description: object) -> Ticket:
    """A ticket of the mail's sender with this text and the mail's photos, as if it had been taken in.

    Raises NotAllowed, WrongState, Invalid, StorageUnavailable.
    """
    require(by, "handle_mail")
    if mail.raw is not None:
        stage_photos(parse_mail(bytes(mail.raw)), by=sender_of(mail), key=mail.identity)
    return open_for_sender(mail, by=by, description=description)


@retry_on_deadlock
def open_for_sender(mail: IncomingMail, *, by: Caller, description: object) -> Ticket:
    row = lock_waiting(mail)
    ticket = open_ticket(by=sender_of(row), description=description, key=row.identity)
    row.reason = f"{by.name or 'The helpdesk'} made a ticket of it."
    row.state, row.ticket = State.DONE, ticket
    row.save(update_fields=["state", "ticket", "reason"])
    return ticket


@retry_on_deadlock
def discard(mail: IncomingMail, *, by: Caller) -> None:
    """It stays in the list of what was ignored. Raises NotAllowed, WrongState."""
    require(by, "handle_mail")
    row = lock_waiting(mail)
    row.state, row.reason = State.IGNORED, f"Discarded by {by.name or 'the helpdesk'}. {row.reason}"
    row.save(update_fields=["state", "reason"])


def lock_waiting(mail: IncomingMail) -> IncomingMail:
    """Raises WrongState."""
    row = IncomingMail.objects.select_for_update().defer("raw").get(pk=mail.pk)
    if not row.is_waiting:
        raise WrongState(NOTHING_LEFT)
    return row
