"""Redaction: blanks what people wrote under a ticket, and their names. No other code does this.

The ticket, its messages, history and corrections keep their rows, times, counts and building, so that no
number changes.
"""

from itertools import chain
from typing import Any

from common.roles import Caller, Role
from django_common.database import unlimited_transaction
from django_common.text_validation import clean_text
from django_common.triggers import bypass_trigger
from messaging.attachments.actions import remove_all
from messaging.models import Message
from places.unlisted import forget_unnamed
from tickets.actions import lock_row
from tickets.audit_context import set_audit_context
from tickets.embeddings import TicketEmbedding
from tickets.following.models import Feedback, Follower, SecretLink
from tickets.models import Correction, IdempotencyKey, Ticket, TicketEvent
from tickets.search_index import forget_words, index_tickets, spell_words
from tickets.triggers import REDACTING

BLANK = "[redacted]"  # for texts that must not be empty
TICKET: dict[str, Any] = {"description": BLANK, "room": "", "opener_name": "", "triage_evidence": []}
HISTORY = {"description": BLANK, "room": "", "by_name": "", "reason": ""}
MESSAGE = {"body": BLANK, "author_name": ""}
CORRECTION = {"by_name": ""}
FEEDBACK = {"comment": ""}
STORED_RESPONSE = {"answer": None}  # for repetitions of the request that made the ticket

BLANKED = (
    "Blanked: text, room and reporter's name; messages and notes with their authors; names and reasons in "
    "the history; names in corrections; the words and the meaning that triage used; the search index. "
    "Deleted: which browsers follow it, and its secret links."
)
RETAINED = (
    "Retained for statistics: current building, category, status, roles, timestamps and counts; the reason "
    "you gave; session and request keys, which contain no text. Analyses contain only numbers and building "
    "names."
)
OUTSIDE = (
    "Not covered: backups, log files, downloads and quotations in other tickets; the memory of running "
    "processes for some minutes; and single words that a triage version has learned because several tickets "
    "share them."
)


@unlimited_transaction()
def redact_ticket(ticket: Ticket, *, reason: str) -> int:
    """Blanks all texts and names under a ticket, closed or not. Returns the number of blanked messages.

    The history records that it happened, and why. Raises Invalid without a reason.
    """
    reason = clean_text("reason", reason, limit=500)
    locked = lock_row(ticket)  # waits for anyone who is writing under it
    words = spell_words(texts_of(locked))
    named = set(ticket.events.values_list("building", "room"))
    with bypass_trigger(REDACTING):
        TicketEvent.objects.filter(pgh_obj=ticket).update(**HISTORY, building=locked.building)
        # After the history: the row that this writes keeps its reason.
        set_audit_context(Caller(Role.HELPDESK, name="redact"), "redacted", reason)
        Ticket.objects.filter(pk=ticket.pk).update(**TICKET)
        messages = Message.objects.filter(ticket=ticket).update(**MESSAGE)
        Correction.objects.filter(ticket=ticket).update(**CORRECTION)
        IdempotencyKey.objects.filter(ticket=ticket).update(**STORED_RESPONSE)
        TicketEmbedding.objects.filter(ticket=ticket).delete()
        Follower.objects.filter(ticket=ticket).delete()
        SecretLink.objects.filter(ticket=ticket).delete()
        Feedback.objects.filter(ticket=ticket).update(**FEEDBACK)
        remove_all([ticket])
    index_tickets(f"SELECT {ticket.pk}")
    forget_words(words)
    forget_unnamed(named, lambda names: Ticket.objects.filter(**names).exists())
    ticket.refresh_from_db()
    return messages


def texts_of(ticket: Ticket) -> list[str]:
    """All texts under a ticket whose words may be in the search index."""
    events = ticket.events.values_list("description", "room")
    messages = ticket.messages.values_list("body", "author_name")
    return [ticket.opener_name, *chain.from_iterable(events), *chain.from_iterable(messages)]
