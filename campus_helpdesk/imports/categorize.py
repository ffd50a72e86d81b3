"""The category under which an imported ticket is stored, and who is recorded as having chosen it."""

from collections.abc import Callable

from campus_helpdesk.imports.categorization import Categorization
from common.import_rows import TicketRow
from tickets.lifecycle import Status
from tickets.models import Source
from tickets.triage import Model, Verdict, classify, load_shipped_model

MACHINE, PERSON = (
    Source.MACHINE.value,
    Source.PERSON.value,
)  # plain text: COPY is slow with members of an enum


def use_given_category(model: Model) -> Callable[[TicketRow], Categorization]:
    """A given category counts as a person's choice and is not classified (speed); an empty one is left to
    triage.

    The model is determined first: while rows are copied the connection cannot run other queries.
    """

    def categorize(row: TicketRow) -> Categorization:
        if row.category:
            return Categorization(row.category, PERSON)
        return from_verdict(classify(row.description, model))

    return categorize


def simulate_corrections(row: TicketRow) -> Categorization:
    """What triage would have chosen, and what a helpdesk would have made of it, taking the given category as
    correct.

    An unsure one waits for its check until the ticket is closed. Otherwise a wrong one was changed by a
    person, and some of the right ones were confirmed. Triage's evidence is kept, as in a real correction. The
    shipped model decides: the demo campus is the same on every site.
    """
    categorization = from_verdict(classify(row.description, load_shipped_model()))
    if categorization.needs_review and row.status != Status.CLOSED:
        return categorization
    if categorization.category == row.category and not is_confirmed(row, categorization):
        return categorization
    return categorization._replace(
        category=row.category, source=PERSON, needs_review=False, judged=categorization.category
    )


def is_confirmed(row: TicketRow, categorization: Categorization) -> bool:
    """Whether somebody confirmed a right one: three in four of the unsure ones, one in eight of the
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
