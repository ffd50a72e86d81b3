"""The tickets that are probably about the problem of a report, for whoever reports it and for the desk."""

from dataclasses import dataclass

from django.db.models import QuerySet

from tickets.buildings import find_buildings
from tickets.duplicates.candidates import find_candidates
from tickets.duplicates.directory import Directory, get_directory
from tickets.duplicates.memory import forget_after_a_while
from tickets.duplicates.reading import Reading, Report, read_report
from tickets.duplicates.scoring import is_one_trouble_at_one_place, score
from tickets.models import Ticket

MAX_SHOWN = 3
LIKELY = 4.5  # score from which merging may be proposed


@dataclass(frozen=True)
class Similar:
    """score: from 0 on it is worth showing, the higher the likelier."""

    ticket: Ticket
    score: float


def find_similar(report: Report, among: QuerySet[Ticket]) -> list[Similar]:
    """Which of the tickets are unresolved and similar, the likeliest first; at most three, often none."""
    forget_after_a_while()
    reading = read_report(report)
    if not reading.words:
        return []
    directory = read_directory()
    candidates = find_candidates(reading, among, directory)
    rated = [Similar(ticket, score(reading, read_ticket(ticket), directory)) for ticket in candidates]
    shown = [one for one in rated if one.score >= 0]
    return sorted(shown, key=lambda one: (-one.score, -one.ticket.pk))[:MAX_SHOWN]


def propose_merges(ticket: Ticket) -> list[Similar]:
    """Those of the similar ones that are so probably duplicates that the desk is asked about merging."""
    reading, directory = read_ticket(ticket), read_directory()
    return [
        one
        for one in find_similar(as_report(ticket), Ticket.objects.exclude(pk=ticket.pk))
        if one.score >= LIKELY and is_one_trouble_at_one_place(reading, read_ticket(one.ticket), directory)
    ]


def read_directory() -> Directory:
    return get_directory(tuple(find_buildings(lambda name: True)))


def read_ticket(ticket: Ticket) -> Reading:
    return read_report(as_report(ticket))


def as_report(ticket: Ticket) -> Report:
    return Report(ticket.description, ticket.building, ticket.room, ticket.category)
