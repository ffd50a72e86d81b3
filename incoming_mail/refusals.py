"""Why a mail becomes neither a ticket nor a message."""

from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import Length

from common.errors import Refused
from incoming_mail.composing import has_visible
from incoming_mail.models import IncomingMail, State
from incoming_mail.parsing import Kind, ParsedMail
from incoming_mail.parsing.mail import plain_subject
from tickets.expressions import StatementNow

MAX_MAIL_BYTES = 25 * 1024 * 1024
MAX_BY_SENDER, MAX_IN_ALL = 20, 1000
MAX_BYTES_IN_ALL = 2 * 1024**3
RATE_TIME = timedelta(hours=1)
COUNTED = [State.DONE, State.SET_ASIDE]
NO_SENDER = "It names no sender, or several."
EMPTY = "It has neither a subject nor a text."
TOO_LARGE = f"It is larger than {MAX_MAIL_BYTES // 1024**2} MB. Only its beginning was stored."
TOO_MANY = (
    f"More than {MAX_BY_SENDER} mails came from this sender within an hour. "
    "Of a large one only the beginning was stored."
)
KINDS = {
    Kind.AUTOMATIC: "An automatic answer.",
    Kind.LIST: "From a mailing list or a newsletter.",
    Kind.OWN: "One of our own mails.",
}

Refusal = tuple[State, str]


class TooManyMails(Refused):
    """Nothing is stored: the mail server keeps it and tries again."""

    status = 503
    title = "Too many mails within an hour"


def find_refusal(mail: ParsedMail, size: int) -> Refusal | None:
    """What the mail itself gives reason for; None for one that is to be taken in."""
    if mail.kind == Kind.BOUNCE:
        return State.IGNORED, f"Undeliverable: {', '.join(mail.bounced) or 'see its text'}."
    if mail.kind != Kind.PERSONAL:
        return State.IGNORED, KINDS[mail.kind]
    if size > MAX_MAIL_BYTES:
        return State.REFUSED, TOO_LARGE
    if mail.problem:
        return State.SET_ASIDE, mail.problem
    if not mail.sender:
        return State.SET_ASIDE, NO_SENDER
    is_empty = not has_visible(plain_subject(mail.subject) + mail.text) and not mail.photos
    return (State.SET_ASIDE, EMPTY) if is_empty else None


def check_rates(sender: str) -> Refusal | None:
    """The rows are counted, under the lock of whoever takes mails in, so the limits are exact. A program that
    writes a thousand mails is refused, and the mails of others are not held up by it.

    Raises TooManyMails.
    """
    recent = IncomingMail.objects.filter(received_at__gt=StatementNow() - RATE_TIME)
    total = recent.aggregate(mails=Count("pk", filter=Q(state__in=COUNTED)), size=Sum(Length("raw")))
    if total["mails"] >= MAX_IN_ALL or (total["size"] or 0) >= MAX_BYTES_IN_ALL:
        raise TooManyMails
    if sender and recent.filter(sender=sender).count() >= MAX_BY_SENDER:
        return State.REFUSED, TOO_MANY
    return None
