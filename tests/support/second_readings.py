"""Second readings as a worker would record them, without the sentence model."""

from dataclasses import replace

from tests.support.factories import HELPDESK, make_ticket
from tickets.actions import correct_category
from tickets.learning.active_model import get_active_model
from tickets.models import Ticket
from tickets.second_opinions import SecondReading, record_second_reading
from tickets.triage import Verdict, classify

VECTOR = bytes(768)


def make_verdict(ticket: Ticket, category: str, *, needs_review: bool = False) -> Verdict:
    words = classify(ticket.description, get_active_model())
    confidence = 0.6 if needs_review else 0.9
    return replace(words, category=category, confidence=confidence, needs_review=needs_review)


def read_again(
    ticket: Ticket, category: str, *, needs_review: bool = False, precedent: int | None = None
) -> Ticket:
    """The ticket after a reading that found this category."""
    verdict = make_verdict(ticket, category, needs_review=needs_review)
    reading = SecondReading("model 1", VECTOR, verdict, precedent)
    assert record_second_reading(ticket, reading)
    ticket.refresh_from_db()
    return ticket


def make_moved_ticket(description: str, *, to: str, **fields) -> Ticket:
    """A ticket that the helpdesk moved to another category."""
    ticket = make_ticket(description=description, **fields)
    assert ticket.category != to
    return correct_category(ticket, by=HELPDESK, category=to, version=ticket.version)
