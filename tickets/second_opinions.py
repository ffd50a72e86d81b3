"""Recording second opinions on tickets, and whether a worker gives them.

No sentence model is needed here: the reading itself is in `tickets.learning.second_reading`.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F

from django_common.retry import retry_on_deadlock
from tickets.actions import lock_row, triage_columns
from tickets.audit_context import write_audit_context
from tickets.embeddings import DecidedBy, SentenceModelInUse, TicketEmbedding
from tickets.expressions import StatementNow, next_moment
from tickets.models import Source, Ticket
from tickets.triage import Verdict

MACHINE = "machine"  # the role in the history
REREAD = "reread"  # the verb in the history
REPORT_INTERVAL = timedelta(seconds=20)
FRESH_FOR = timedelta(seconds=90)  # an older report means that no worker reads


@dataclass(frozen=True)
class SecondReading:
    """verdict: None if only the vector is wanted, because a person chose the category. precedent: the id of
    the similar ticket that staff moved, if that decided."""

    sentence_model: str
    vector: bytes
    verdict: Verdict | None = None
    precedent: int | None = None


@retry_on_deadlock
def record_second_reading(ticket: Ticket, reading: SecondReading) -> bool:
    """Stores the vector, and changes the category or its need for review if the reading found another one.

    A person's category and a closed ticket are not changed. Returns False and does nothing if the ticket has
    changed since it was read: it will be read again.
    """
    locked = lock_row(ticket)
    if (locked.version, locked.description) != (ticket.version, ticket.description):
        return False
    may_change = locked.category_source == Source.MACHINE and not locked.is_closed
    verdict = reading.verdict if may_change else None
    decided_by, precedent = find_decision(locked, verdict, reading.precedent)
    TicketEmbedding.objects.update_or_create(
        ticket=locked,
        defaults={
            "sentence_model": reading.sentence_model,
            "vector": reading.vector,
            "decided_by": decided_by,
            "precedent_id": precedent,
        },
    )
    if verdict and (verdict.category, verdict.needs_review) != (locked.category, locked.needs_review):
        reason = describe_reason(decided_by, precedent, needs_review=verdict.needs_review)
        recategorize(locked, verdict, reason)
    return True


def find_decision(
    ticket: Ticket, verdict: Verdict | None, precedent: int | None
) -> tuple[DecidedBy, int | None]:
    """What decides the category, and the ticket that was the precedent. An equal category keeps what decided
    it before: the text is the same, or its reading would be gone."""
    if verdict and verdict.category != ticket.category:
        return (DecidedBy.MEANING, None) if precedent is None else (DecidedBy.PRECEDENT, precedent)
    earlier = TicketEmbedding.objects.filter(ticket=ticket).first()
    return (DecidedBy(earlier.decided_by), earlier.precedent_id) if earlier else (DecidedBy.WORDS, None)


def recategorize(locked: Ticket, verdict: Verdict, reason: str) -> None:
    """Writes triage's columns as the machine, with a history row and a new version. locked: a locked row."""
    write_audit_context(MACHINE, REREAD, reason)
    Ticket.objects.filter(pk=locked.pk).update(
        **triage_columns(verdict), version=F("version") + 1, modified_at=next_moment()
    )


def describe_reason(decided_by: DecidedBy, precedent: int | None, *, needs_review: bool) -> str:
    if decided_by == DecidedBy.PRECEDENT:
        return f"Like ticket {precedent}, which staff moved."
    if decided_by == DecidedBy.MEANING:
        return "A second opinion on the whole text decided."
    return f"A second opinion on the whole text agrees and is {'unsure' if needs_review else 'sure'}."


def find_second_opinion(ticket: Ticket) -> TicketEmbedding | None:
    """The reading that decided the ticket's category, if neither its words nor a person did."""
    if ticket.category_source != Source.MACHINE:
        return None
    reading: TicketEmbedding | None = getattr(ticket, "embedding", None)
    return reading if reading and reading.decided_by != DecidedBy.WORDS else None


def report_sentence_model(name: str) -> None:
    """Records that a worker reads tickets with this model, at most every 20 seconds."""
    recent = SentenceModelInUse.objects.filter(
        pk=1, sentence_model=name, seen_at__gt=StatementNow() - REPORT_INTERVAL
    )
    if not recent.exists():
        SentenceModelInUse.objects.update_or_create(
            pk=1, defaults={"sentence_model": name, "seen_at": StatementNow()}
        )


def find_sentence_model_in_use() -> str:
    """Its name; empty if no worker has reported one in the last 90 seconds."""
    fresh = SentenceModelInUse.objects.filter(seen_at__gt=StatementNow() - FRESH_FOR)
    return fresh.values_list("sentence_model", flat=True).first() or ""
