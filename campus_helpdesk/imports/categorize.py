"""Which category an imported ticket is stored under, and who is said to have filed it."""

from collections.abc import Callable

from campus_helpdesk.imports.filing import Filing
from common.history_rows import TicketRow
from tickets.lifecycle import Status
from tickets.models import Source
from tickets.triage import Model, Verdict, classify, load_shipped_model

MACHINE, PERSON = (
    Source.MACHINE.value,
    Source.PERSON.value,
)  # plain text: COPY is slow with members of an enum


def keep_given(model: Model) -> Callable[[TicketRow], Filing]:
    """A given category is a person's word and is not classified (speed); an empty one is triage's.

    The model is named before: while rows are copied the connection answers no other question.
    """

    def file_ticket(row: TicketRow) -> Filing:
        if row.category:
            return Filing(row.category, PERSON)
        return of_machine(classify(row.description, model))

    return file_ticket


def compare_with_machine(row: TicketRow) -> Filing:
    """The machine's own filing as a helpdesk would have left it, with the given category as what is right.

    A doubtful one waits for its check until the ticket is closed. Else a wrong one was changed by a person
    and some of the right ones were confirmed. The machine's evidence is kept, as when somebody corrects it.
    It is the shipped model that decides: the demo campus is the same on every site.
    """
    filing = of_machine(classify(row.description, load_shipped_model()))
    if filing.needs_review and row.status != Status.CLOSED:
        return filing
    if filing.category == row.category and not is_confirmed(row, filing):
        return filing
    return filing._replace(category=row.category, source=PERSON, needs_review=False, judged=filing.category)


def is_confirmed(row: TicketRow, filing: Filing) -> bool:
    """Whether somebody looked at a right one: at three in four that asked for it, at one in eight else."""
    return row.id % 4 != 0 if filing.needs_review else row.id % 8 == 0


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
