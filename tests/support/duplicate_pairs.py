"""How well reports of one problem are found, measured with texts that were written without sight of the code.

pairs.jsonl: reports {"id", "text", "building", "room", "language", "pair_of": id or null, "same_place_as": id
or null}. All of them are open tickets; each is looked for among the others.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from tests.support.factories import make_ticket
from tickets.duplicates.reading import Report
from tickets.duplicates.similar import find_similar, propose_merges
from tickets.models import Ticket

PAIRS_FILE = Path(__file__).parents[1] / "tickets/duplicates/pairs.jsonl"


@dataclass(frozen=True)
class Figures:
    """Shares of reports: with a duplicate that is among those shown, the same across languages; without one,
    for which anything is shown; at the place of another problem, which is shown."""

    found: float
    found_across_languages: float
    shown_without_duplicate: float
    shown_same_place: float


@dataclass(frozen=True)
class Proposals:
    """precision: share of the proposals to merge that are right. found: share of the duplicates proposed."""

    precision: float
    found: float


class Site:
    """Needs a database; its tickets are made."""

    def __init__(self, lines: Sequence[dict[str, Any]]) -> None:
        self.lines = lines
        self.tickets = [store(line) for line in lines]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tickets_ticket")
        self.at = {ticket.pk: at for at, ticket in enumerate(self.tickets)}
        self.partners = find_partners(lines)

    def find_shown(self) -> list[list[int]]:
        """For each report the positions of those that are shown."""
        return [
            [self.at[one.ticket.pk] for one in find_similar(as_typed(line, ticket), others(ticket))]
            for line, ticket in zip(self.lines, self.tickets, strict=True)
        ]

    def measure_shown(self) -> Figures:
        shown, partners, lines = self.find_shown(), self.partners, self.lines
        positions = {line["id"]: at for at, line in enumerate(lines)}
        languages = [line["language"] for line in lines]
        across = [one for one, other in partners.items() if languages[one] != languages[other]]
        places = [line["same_place_as"] for line in lines]
        near = [(at, positions[place]) for at, place in enumerate(places) if place]
        return Figures(
            found=mean(other in shown[one] for one, other in partners.items()),
            found_across_languages=mean(partners[one] in shown[one] for one in across),
            shown_without_duplicate=mean(bool(shown[at]) for at in range(len(lines)) if at not in partners),
            shown_same_place=mean(other in shown[one] for one, other in near),
        )

    def measure_proposals(self) -> Proposals:
        proposed = {
            (at, self.at[one.ticket.pk])
            for at, ticket in enumerate(self.tickets)
            for one in propose_merges(ticket)
        }
        right = proposed & set(self.partners.items())
        return Proposals(len(right) / (len(proposed) or 1), len(right) / len(self.partners))


def read_lines(file: Path = PAIRS_FILE) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def find_partners(lines: Sequence[dict[str, Any]]) -> dict[int, int]:
    """Position of a report -> position of the other one of the same problem, both ways."""
    positions = {line["id"]: at for at, line in enumerate(lines)}
    pairs = [(at, positions[line["pair_of"]]) for at, line in enumerate(lines) if line["pair_of"]]
    return dict(pairs) | {other: one for one, other in pairs}


def store(line: dict[str, Any]) -> Ticket:
    return make_ticket(description=line["text"], building=line["building"] or "", room=line["room"] or "")


def as_typed(line: dict[str, Any], ticket: Ticket) -> Report:
    return Report(line["text"], line["building"] or "", line["room"] or "", ticket.category)


def others(ticket: Ticket):
    return Ticket.objects.exclude(pk=ticket.pk)


def mean(flags: Iterable[bool]) -> float:
    listed = list(flags)
    return sum(listed) / len(listed) if listed else 0.0
