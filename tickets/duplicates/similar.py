"""The tickets that are probably about the problem of a report, for whoever reports it and for the desk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from tickets.buildings import find_buildings
from tickets.duplicates.candidates import find_candidates
from tickets.duplicates.directory import Directory, get_directory
from tickets.duplicates.meanings import compare_meanings
from tickets.duplicates.memory import forget_after_a_while
from tickets.duplicates.reading import Reading, Report, read_report
from tickets.duplicates.scoring import score
from tickets.duplicates.weights import load_weights
from tickets.models import Ticket

MAX_SHOWN = 3
NO_MEANINGS: Mapping[int, float] = {}


@dataclass(frozen=True)
class Similar:
    """score: from 0 on it is worth showing, the higher the likelier."""

    ticket: Ticket
    score: float


def find_similar(report: Report, among: QuerySet[Ticket]) -> list[Similar]:
    """Of these tickets the unresolved ones that are similar, the likeliest first; at most three, often none.

    By words and places only: of a text that is being typed nobody has made a vector.
    """
    forget_after_a_while()
    reading = read_report(report)
    if not reading.words:
        return []
    directory = read_directory()
    rated = rate(reading, find_candidates(reading, among, directory), directory)
    return choose(one for one in rated if one.score >= 0)


def propose_merges(ticket: Ticket) -> list[Similar]:
    """Those that are so probably about the ticket's problem that the desk is asked whether to merge them; by
    their meaning, too, where the sentence model has read both."""
    forget_after_a_while()
    reading, directory = read_ticket(ticket), read_directory()
    candidates = find_candidates(reading, Ticket.objects.exclude(pk=ticket.pk), directory)
    meanings, weights = compare_meanings(ticket, candidates), load_weights()
    return choose(
        one
        for one in rate(reading, candidates, directory, meanings)
        if one.score >= (weights.likely_by_meaning if one.ticket.pk in meanings else weights.likely_by_words)
    )


def read_directory() -> Directory:
    return get_directory(tuple(find_buildings(lambda name: True)))


def rate(
    reading: Reading,
    candidates: Iterable[Ticket],
    directory: Directory,
    meanings: Mapping[int, float] = NO_MEANINGS,
) -> list[Similar]:
    return [
        Similar(ticket, score(reading, read_ticket(ticket), directory, meanings.get(ticket.pk)))
        for ticket in candidates
    ]


def choose(likely: Iterable[Similar]) -> list[Similar]:
    return sorted(likely, key=lambda one: (-one.score, -one.ticket.pk))[:MAX_SHOWN]


def read_ticket(ticket: Ticket) -> Reading:
    return read_report(Report(ticket.description, ticket.building, ticket.room, ticket.category))
