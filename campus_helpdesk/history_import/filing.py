"""Which category an imported ticket is stored under, and who is said to have filed it."""

from campus_helpdesk.history_import.rows import Filing, TicketRow
from tickets.learning.running import running_model
from tickets.models import Source
from tickets.triage import Verdict, classify

MACHINE, PERSON = (
    Source.MACHINE.value,
    Source.PERSON.value,
)  # plain text: COPY is slow with members of an enum


def keep_given(row: TicketRow) -> Filing:
    """A given category is a person's word and is not classified (speed); an empty one is triage's."""
    if row.category:
        return Filing(row.category, PERSON)
    return of_machine(classify(row.description, running_model()))


def compare_with_machine(row: TicketRow) -> Filing:
    """The machine's own filing where it is right, else the given category as a person's correction.

    The machine's evidence is kept either way, as it is when somebody corrects a ticket.
    """
    filing = of_machine(classify(row.description, running_model()))
    if filing.category == row.category:
        return filing
    return filing._replace(category=row.category, source=PERSON, needs_review=False)


def of_machine(verdict: Verdict) -> Filing:
    return Filing(
        category=verdict.category,
        source=MACHINE,
        needs_review=verdict.needs_review,
        confidence=verdict.confidence,
        runner_up=verdict.runner_up,
        evidence=verdict.evidence,
        model=verdict.model,
        is_mixed=verdict.is_mixed,
    )
