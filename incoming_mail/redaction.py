"""What is forgotten of mails: with the ticket that they became, and after some days."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from incoming_mail.models import IncomingMail, State
from tickets.expressions import StatementNow
from tickets.models import Ticket

BLANK: dict[str, Any] = {
    "sender": "",
    "sender_name": "",
    "subject": "",
    "text": "",
    "reason": "",
    "raw": None,
}


def forget_mails(*, tickets: Sequence[Ticket], **kwargs: object) -> None:
    """For redaction and retention, in their transaction."""
    IncomingMail.objects.filter(ticket__in=tickets).update(**BLANK)


def forget_old_mails() -> int:
    """What was taken in keeps its sender and text until its ticket has been closed for as long as the others
    are kept; what is set aside waits for the helpdesk. Returns the number of rows that were blanked."""
    before = StatementNow() - timedelta(days=settings.INBOX_DAYS)
    old = IncomingMail.objects.filter(received_at__lt=before)
    old.filter(state=State.DONE, raw__isnull=False).update(raw=None)
    is_over = Q(ticket__closed_at__lt=before) | Q(state__in=[State.REFUSED, State.IGNORED])
    return remembered(old.filter(is_over)).update(**BLANK)


def remembered(mails: QuerySet[IncomingMail]) -> QuerySet[IncomingMail]:
    blank = {name: value for name, value in BLANK.items() if name != "raw"}
    return mails.exclude(**blank, raw__isnull=True)
