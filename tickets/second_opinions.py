"""What a second reading does to a ticket, and whether anything reads tickets a second time.

Needs no sentence model: the reading itself is in `tickets.learning.second_reading`.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F

from django_common.retry import retry_on_deadlock
from tickets.actions import lock_row, sign_change, verdict_columns
from tickets.embeddings import DecidedBy, SentenceModelInUse, TicketEmbedding
from tickets.expressions import StatementNow, next_moment
from tickets.models import Source, Ticket
from tickets.triage import Verdict

MACHINE = "machine"  # the role that signs in the history
REREAD = "reread"
REPORT_SECONDS = timedelta(seconds=20)
FRESH_SECONDS = timedelta(seconds=90)  # a longer silence means that nothing reads


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
    """Keeps the vector, and files the ticket anew where the reading says another category or doubt.

    A person's category and a closed ticket stay as they are. False, and nothing is done, if the ticket has
    changed since it was read: it will be read again.
    """
    locked = lock_row(ticket)
    if (locked.version, locked.description) != (ticket.version, ticket.description):
        return False
    is_ours = locked.category_source == Source.MACHINE and not locked.is_closed
    verdict = reading.verdict if is_ours else None
    decided_by = find_decision(locked, verdict, reading.precedent)
    TicketEmbedding.objects.update_or_create(
        ticket=locked,
        defaults={
            "sentence_model": reading.sentence_model,
            "vector": reading.vector,
            "decided_by": decided_by,
            "precedent_id": reading.precedent if decided_by == DecidedBy.PRECEDENT else None,
        },
    )
    if verdict and (verdict.category, verdict.needs_review) != (locked.category, locked.needs_review):
        reason = describe_reason(decided_by, reading.precedent, needs_review=verdict.needs_review)
        file_anew(locked, verdict, reason)
    return True


def find_decision(ticket: Ticket, verdict: Verdict | None, precedent: int | None) -> DecidedBy:
    if verdict is None or verdict.category == ticket.category:
        return DecidedBy.WORDS
    return DecidedBy.MEANING if precedent is None else DecidedBy.PRECEDENT


def file_anew(locked: Ticket, verdict: Verdict, reason: str) -> None:
    """As the machine, with a history row and a new version. The row must be locked."""
    sign_change(MACHINE, REREAD, reason)
    Ticket.objects.filter(pk=locked.pk).update(
        **verdict_columns(verdict), version=F("version") + 1, modified_at=next_moment()
    )


def describe_reason(decided_by: DecidedBy, precedent: int | None, *, needs_review: bool) -> str:
    if decided_by == DecidedBy.PRECEDENT:
        return f"Like ticket {precedent}, which staff moved."
    if decided_by == DecidedBy.MEANING:
        return "A second reading of the whole text decided."
    return f"A second reading of the whole text agrees and is {'unsure' if needs_review else 'sure'}."


def find_second_opinion(ticket: Ticket) -> TicketEmbedding | None:
    """The reading that gave the ticket its category, if it was not its words nor a person."""
    if ticket.category_source != Source.MACHINE:
        return None
    reading: TicketEmbedding | None = getattr(ticket, "embedding", None)
    return reading if reading and reading.decided_by != DecidedBy.WORDS else None


def report_sentence_model(name: str) -> None:
    """Says that this model reads tickets; at most every 20 seconds it is written down."""
    recent = SentenceModelInUse.objects.filter(
        pk=1, sentence_model=name, seen_at__gt=StatementNow() - REPORT_SECONDS
    )
    if not recent.exists():
        SentenceModelInUse.objects.update_or_create(
            pk=1, defaults={"sentence_model": name, "seen_at": StatementNow()}
        )


def find_sentence_model_in_use() -> str:
    """Its name; "" if no worker has read with one in the last minute and a half."""
    fresh = SentenceModelInUse.objects.filter(seen_at__gt=StatementNow() - FRESH_SECONDS)
    return fresh.values_list("sentence_model", flat=True).first() or ""
