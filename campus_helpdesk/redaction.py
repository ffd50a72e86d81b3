"""Blanking a text that should never have been stored: the one path that does it.

The ticket, its messages and its history keep their rows, moments and counts, so that no number changes.
"""

from django.db import transaction

from messaging.models import Message
from tickets.access import Caller, Role
from tickets.actions import close_switch, open_switch, sign
from tickets.guards import REDACTING
from tickets.models import IdempotencyKey, Ticket, TicketEvent
from tickets.texts import clean_text

BLANK = "[redacted]"


@transaction.atomic
def redact_ticket(ticket: Ticket, *, reason: str) -> int:
    """Blank all texts under a ticket, closed or not. Returns the number of blanked messages.

    The history tells that it happened, and why. Raises Invalid without a reason.
    """
    sign(Caller(Role.HELPDESK, name="redact"), "redacted", clean_text("reason", reason, limit=500))
    open_switch(REDACTING)
    Ticket.objects.filter(pk=ticket.pk).update(description=BLANK, triage_evidence=[])
    messages = Message.objects.filter(ticket=ticket).update(body=BLANK)
    TicketEvent.objects.filter(pgh_obj=ticket).update(description=BLANK)
    IdempotencyKey.objects.filter(ticket=ticket).update(answer=None)
    close_switch(REDACTING)
    ticket.refresh_from_db()
    return messages
