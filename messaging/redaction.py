"""Redaction: blanks what people wrote under tickets, and their names. No other code does this.

A ticket, its messages, history and corrections keep their rows, times, counts and building, so that no
number changes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from common.roles import Caller, Role
from django_common.database import unlimited_transaction
from django_common.text_validation import clean_text
from django_common.triggers import bypass_trigger
from messaging.attachments.actions import remove_all
from messaging.attachments.models import Attachment, State
from messaging.models import Message
from messaging.signals import texts_blanked
from places.unlisted import forget_unnamed
from tickets.actions import lock_row
from tickets.audit_context import set_audit_context
from tickets.embeddings import TicketEmbedding
from tickets.following.models import Feedback, Follower, SecretLink
from tickets.models import Correction, IdempotencyKey, Ticket, TicketEvent
from tickets.search_index import forget_words, index_tickets, spell_words
from tickets.triggers import REDACTING

BLANK = "[redacted]"  # for texts that must not be empty
CURRENT_BUILDING = Subquery(Ticket.objects.filter(pk=OuterRef("pgh_obj")).values("building")[:1])
TICKET: dict[str, Any] = {"description": BLANK, "room": "", "opener_name": "", "triage_evidence": []}
HISTORY = {"description": BLANK, "building": CURRENT_BUILDING, "room": "", "by_name": "", "reason": ""}
MESSAGE = {"body": BLANK, "author_name": ""}
CORRECTION = {"by_name": ""}
FEEDBACK = {"comment": ""}
STORED_RESPONSE = {"answer": None}  # for repetitions of the request that made the ticket

Rows = Mapping[str, QuerySet[Any]]  # by kind of row
Columns = Mapping[str, Mapping[str, Any]]  # kind of row -> column -> what replaces it
# The history comes before the ticket, whose change adds a row that keeps its reason.
REDACTED: Columns = {
    "history rows": HISTORY,
    "tickets": TICKET,
    "messages": MESSAGE,
    "corrections": CORRECTION,
    "stored replies": STORED_RESPONSE,
    "reporters' comments": FEEDBACK,
}
DELETED = ("vectors", "followers", "secret links")

BLANKED = (
    "Blanked: text, room and reporter's name; messages and notes with their authors; names and reasons in "
    "the history; names in corrections; the words and the meaning that triage used; the search index; what "
    "came by mail, with its sender. Deleted: which browsers follow it, its secret links, the addresses that "
    "get news of it, and their mails."
)
RETAINED = (
    "Retained for statistics: current building, category, status, roles, timestamps and counts; the reason "
    "you gave; session and request keys, which contain no text. Analyses contain only numbers and building "
    "names."
)
OUTSIDE = (
    "Not covered: backups, log files, downloads and quotations in other tickets; free space of the "
    "database's files until it is used again; the memory of running processes for some minutes; and single "
    "words that a triage version has learned because several tickets share them."
)


@unlimited_transaction()
def redact_ticket(ticket: Ticket, *, reason: str) -> int:
    """Blanks all texts and names under a ticket, closed or not. Returns the number of blanked messages.

    The history records that it happened, and why. Raises Invalid without a reason.
    """
    reason = clean_text("reason", reason, limit=500)
    locked = lock_row(ticket)  # waits for anyone who is writing under it
    set_audit_context(Caller(Role.HELPDESK, name="redact"), "redacted", reason)
    blank_texts([locked], REDACTED)
    ticket.refresh_from_db()
    return ticket.messages.count()


def blank_texts(tickets: Sequence[Ticket], columns: Columns) -> None:
    """Inside a transaction that has locked the tickets and set the audit context."""
    rows = rows_under([ticket.pk for ticket in tickets])
    words = spell_words([ticket.opener_name for ticket in tickets] + texts_in(rows))
    named = set(rows["history rows"].values_list("building", "room"))
    with bypass_trigger(REDACTING):
        for kind, values in columns.items():
            rows[kind].update(**values)
        for kind in DELETED:
            rows[kind].delete()
        remove_all(tickets)
    texts_blanked.send(Ticket, tickets=tickets)
    index_tickets(f"SELECT unnest(ARRAY{[ticket.pk for ticket in tickets]})")
    forget_words(words)
    forget_unnamed(named, lambda names: Ticket.objects.filter(**names).exists())


def rows_under(tickets: Iterable[int]) -> Rows:
    """By kind: the tickets with these numbers, and all under them that has or could tell texts or names.

    tickets: a list, or a query, which then becomes a part of each statement.
    """
    return {
        "tickets": Ticket.objects.filter(pk__in=tickets),
        "messages": Message.objects.filter(ticket__in=tickets),
        "history rows": TicketEvent.objects.filter(pgh_obj__in=tickets),
        "corrections": Correction.objects.filter(ticket__in=tickets),
        "reporters' comments": Feedback.objects.filter(ticket__in=tickets).exclude(comment=""),
        "photos": Attachment.objects.filter(ticket__in=tickets).exclude(state=State.REMOVED),
        "vectors": TicketEmbedding.objects.filter(ticket__in=tickets),
        "followers": Follower.objects.filter(ticket__in=tickets),
        "secret links": SecretLink.objects.filter(ticket__in=tickets),
        "stored replies": IdempotencyKey.objects.filter(ticket__in=tickets),
    }


def count_rows(rows: Rows) -> Counter[str]:
    return Counter({kind: found.count() for kind, found in rows.items()})


def texts_in(rows: Rows) -> list[str]:
    """All texts under tickets whose words may be in the search index."""
    events = rows["history rows"].values_list("description", "room")
    messages = rows["messages"].values_list("body", "author_name")
    return [*chain.from_iterable(events), *chain.from_iterable(messages)]
