"""The tickets that are probably about the problem of a report, for whoever reports it and for the desk."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.roles import Role
from tickets.duplicates.candidates import find_candidates
from tickets.duplicates.memory import forget_after_a_while
from tickets.duplicates.reading import Report, read_report
from tickets.duplicates.scoring import score
from tickets.models import Ticket

MAX_SHOWN = 3
LIKELY = 2.0  # score from which merging is proposed
NO_MEANINGS: Mapping[int, float] = {}


@dataclass(frozen=True)
class Similar:
    """score: from 0 on it is worth showing, the higher the likelier."""

    ticket: Ticket
    score: float


def find_similar(
    report: Report,
    *,
    role: Role,
    except_for: int = 0,
    meanings: Mapping[int, float] = NO_MEANINGS,
    limit: int = MAX_SHOWN,
    at_least: float = 0,
) -> list[Similar]:
    """Open and active tickets that the role may see, the likeliest first; at most `limit`, often none.

    at_least: the score. except_for: a ticket that is left out. meanings: ticket -> whitened cosine, where a
    sentence model read both.
    """
    forget_after_a_while()
    reading = read_report(report)
    if not reading.words:
        return []
    candidates = find_candidates(reading, Ticket.objects.visible_to(role), meanings)
    rated = [
        Similar(ticket, score(reading, read_report(as_report(ticket)), meanings.get(ticket.pk)))
        for ticket in candidates
        if ticket.pk != except_for
    ]
    shown = [similar for similar in rated if similar.score >= at_least]
    return sorted(shown, key=lambda one: (-one.score, -one.ticket.pk))[:limit]


def as_report(ticket: Ticket) -> Report:
    return Report(ticket.description, ticket.building, ticket.room, ticket.category)
