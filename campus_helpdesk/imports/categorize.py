"""The category under which an imported ticket is stored, and who is recorded as having chosen it."""

from collections.abc import Callable
from typing import NamedTuple

from common.import_rows import TicketRow
from tickets.lifecycle import Status
from tickets.models import Source
from tickets.triage import Model, Verdict, classify, load_shipped_model

# Plain text: COPY is slow with members of an enum.
MACHINE, PERSON = Source.MACHINE.value, Source.PERSON.value


class Categorization(NamedTuple):
    """The category of a ticket, who chose it, and what triage chose.

    predicted: triage's category if a person confirmed or changed it, else empty.
    """

    category: str
    source: str
    needs_review: bool = False
    confidence: float = 0.0
    runner_up: str = ""
    evidence: tuple[tuple[str, float], ...] = ()
    model: str = ""
    is_mixed: bool = False
    predicted: str = ""


def use_given_category(model: Model) -> Callable[[TicketRow], Categorization]:
    """A given category counts as a person's choice and is not classified, for speed; without one triage
    predicts it.

    The model is determined first: while rows are copied the connection cannot run other queries.
    """

    def categorize(row: TicketRow) -> Categorization:
        if row.category:
            return Categorization(row.category, PERSON)
        return from_verdict(classify(row.description, model))

    return categorize


def simulate_corrections(row: TicketRow) -> Categorization:
    """Triage's prediction, and the corrections that a helpdesk would have made if the given category is the
    correct one.

    An unsure prediction needs review until the ticket is closed. Otherwise a wrong one was changed by a
    person, and some of the right ones were confirmed. Triage's evidence is retained, as in a real correction.
    The shipped model predicts, so the demo campus is the same on every site.
    """
    categorization = from_verdict(classify(row.description, load_shipped_model()))
    if categorization.needs_review and row.status != Status.CLOSED:
        return categorization
    if categorization.category == row.category and not is_confirmed(row, categorization):
        return categorization
    return categorization._replace(
        category=row.category, source=PERSON, needs_review=False, predicted=categorization.category
    )


def is_confirmed(row: TicketRow, categorization: Categorization) -> bool:
    """Whether a person confirmed a right prediction: three in four of the unsure ones, one in eight of the
    others."""
    return row.id % 4 != 0 if categorization.needs_review else row.id % 8 == 0


def from_verdict(verdict: Verdict) -> Categorization:
    return Categorization(
        category=verdict.category,
        source=MACHINE,
        needs_review=verdict.needs_review,
        confidence=verdict.confidence,
        runner_up=verdict.runner_up,
        evidence=verdict.evidence,
        model=verdict.model,
        is_mixed=verdict.is_mixed,
    )
