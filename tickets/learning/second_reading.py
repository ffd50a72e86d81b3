"""Reads tickets a second time, with the sentence model. Imports numpy: for the gateway's worker only."""

import logging
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet

from common.roles import Role
from django_common.advisory_locks import AdvisoryLock, session_lock
from tickets.embeddings import TicketEmbedding
from tickets.expressions import StatementNow
from tickets.learning.active_model import get_active_model
from tickets.learning.precedents import Precedents, load_precedents, pack_vector
from tickets.models import Correction, Source, Ticket, TicketEvent
from tickets.second_opinions import SecondReading, record_second_reading, report_sentence_model
from tickets.triage.second_opinion import find_supporting_words, judge_vector
from tickets.triage.sentence_head import load_head
from tickets.triage.sentence_model import SENTENCE_MODEL, embed

BATCH = 10  # tickets of one turn: a second or two
RECENT = timedelta(days=1)
MAX_DECIDED = 500  # decisions of the helpdesk that are looked through for tickets without a vector
PRECEDENT_CONFIDENCE = 0.9

logger = logging.getLogger(__name__)
# (id, version) of tickets that could not be read: they must not stop those behind them. A new process tries
# again.
unreadable: set[tuple[int, int]] = set()


def read_waiting_tickets() -> int:
    """One turn; returns how many were read. Safe under several callers: one reads, the others do nothing.
    Raises SentenceModelUnavailable."""
    load_head()
    report_sentence_model(SENTENCE_MODEL)
    with session_lock(AdvisoryLock.SECOND_OPINIONS) as is_ours:
        waiting = find_waiting() if is_ours else []
        if waiting:
            precedents = load_precedents(SENTENCE_MODEL, load_head().centre)
            for ticket in waiting:
                read_again(ticket, precedents)
    return len(waiting)


def find_waiting() -> list[Ticket]:
    """The newest tickets that nobody has read a second time; after them those that the helpdesk decided, from
    which later ones learn."""
    limit = BATCH + len(unreadable)
    rows = [*find_unread()[:limit], *find_unread_decisions()[:limit]]
    return list(islice((ticket for ticket in rows if (ticket.pk, ticket.version) not in unreadable), BATCH))


def find_unread() -> QuerySet[Ticket]:
    """Changed within a day: what waits longer has been seen by people, or is history."""
    recent = Ticket.objects.unresolved().filter(modified_at__gt=StatementNow() - RECENT)
    return without_vector(recent.filter(category_source=Source.MACHINE)).order_by("-modified_at")


def find_unread_decisions() -> QuerySet[Ticket]:
    newest = Correction.objects.filter(by_role=Role.HELPDESK).order_by("-pk").values("ticket")[:MAX_DECIDED]
    return without_vector(Ticket.objects.filter(pk__in=newest, category_source=Source.PERSON)).order_by("-pk")


def without_vector(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Of this sentence model. A redacted ticket says nothing any more."""
    read = TicketEmbedding.objects.filter(ticket=OuterRef("pk"), sentence_model=SENTENCE_MODEL)
    redacted = TicketEvent.objects.filter(pgh_obj=OuterRef("pk"), verb="redacted")
    return tickets.exclude(Exists(read)).exclude(Exists(redacted))


def read_again(ticket: Ticket, precedents: Precedents) -> None:
    """A ticket that has changed meanwhile is read again in a later turn."""
    try:
        reading = make_reading(ticket, precedents)
    except (RuntimeError, ValueError):
        unreadable.add((ticket.pk, ticket.version))
        logger.exception("ticket %d could not be read again", ticket.pk)
        return
    is_recorded = record_second_reading(ticket, reading)
    logger.info("read ticket %d again%s", ticket.pk, "" if is_recorded else ", but it has changed meanwhile")


def make_reading(ticket: Ticket, precedents: Precedents) -> SecondReading:
    """Raises ValueError if the sentence model's numbers are none, RuntimeError if it fails."""
    (vector,) = embed([ticket.description])
    if not np.isfinite(vector).all():
        raise ValueError("the vector has a number that is not finite")
    reading = SecondReading(SENTENCE_MODEL, pack_vector(vector))
    if ticket.category_source != Source.MACHINE:
        return reading
    model = get_active_model()
    verdict = judge_vector(ticket.description, vector, model)
    position = precedents.find_repeated_mistake(vector, load_head().centre, verdict.category)
    if position is None:
        return replace(reading, verdict=verdict)
    category = precedents.moved_to[position]
    like_precedent = replace(
        verdict,
        category=category,
        confidence=PRECEDENT_CONFIDENCE,
        runner_up=verdict.category,
        evidence=find_supporting_words(ticket.description, category, model),
        needs_review=False,
        is_mixed=False,
    )
    return replace(reading, verdict=like_precedent, precedent=precedents.ids[position])
