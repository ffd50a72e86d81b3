"""Retention: tickets that were closed some months ago lose their texts and names, as by a redaction, and the
keys of their senders. Every number stays.

Each batch is one transaction and marks its tickets, so that a run that was interrupted is continued by the
next one.
"""

from collections import Counter
from collections.abc import Generator
from typing import Any

from django.db.models import DurationField, Func, QuerySet, Value

from django_common.advisory_locks import AdvisoryLock, session_lock
from django_common.database import unlimited_transaction
from django_common.retry import retry_on_deadlock
from messaging.attachments.models import Attachment
from messaging.redaction import REDACTED, Columns, blank_texts, count_rows, rows_under
from tickets.audit_context import write_audit_context
from tickets.expressions import StatementNow
from tickets.lifecycle import Status
from tickets.models import Ticket

BATCH = 500
LEFT = "tickets that were being changed"  # left for the next run
# Nobody can repeat a request under a closed ticket: what would recognise it goes, too.
SENDERS: Columns = {
    "history rows": {"by_session": ""},
    "tickets": {"opener": ""},
    "messages": {"author_session": "", "key": ""},
    "corrections": {"by_session": ""},
}


class Busy(Exception):
    """Another run is under way."""

    def __str__(self) -> str:
        return "Another run is removing old texts; nothing was done."


def find_due(months: int) -> QuerySet[Ticket]:
    """The tickets that were closed longer ago than that and have their texts, or got new ones by a repair."""
    age: Any = Func(
        Value(months), function="make_interval", template="%(function)s(months => %(expressions)s)"
    )
    age.output_field = DurationField()
    old = Ticket.objects.filter(status=Status.CLOSED, closed_at__lt=StatementNow() - age)
    return old.filter(texts_removed_after=None).order_by("pk")


def count_due(months: int) -> Counter[str]:
    """How many rows of each kind `remove_old_texts` would blank or delete."""
    return count_rows(rows_under(find_due(months).order_by().values_list("pk", flat=True)))


def remove_old_texts(months: int) -> Generator[Counter[str], None, None]:
    """Yields after each batch how many rows of each kind were blanked or deleted. Raises Busy."""
    with session_lock(AdvisoryLock.RETENTION) as is_ours:
        if not is_ours:
            raise Busy
        due = find_due(months)
        while batch := list(due.values_list("pk", flat=True)[:BATCH]):
            yield blank_batch(batch, months)
            due = due.filter(pk__gt=batch[-1])


@retry_on_deadlock
@unlimited_transaction()
def blank_batch(batch: list[int], months: int) -> Counter[str]:
    """Waits for nobody: a ticket that somebody is changing is left for the next run."""
    due = find_due(months).filter(pk__in=batch)
    tickets = list(due.select_for_update(no_key=True, skip_locked=True))
    rows = rows_under([ticket.pk for ticket in tickets])
    counts = count_rows(rows) + Counter({LEFT: len(batch) - len(tickets)})
    if tickets:
        write_audit_context("machine", "redacted", describe_removal(months))
        blank_texts(tickets, columns_for(months))
        rows["stored replies"].delete()
        Attachment.objects.filter(ticket__in=tickets).update(session="", key="")
    return counts


def columns_for(months: int) -> Columns:
    marked = {"tickets": {"texts_removed_after": months}}
    return {
        kind: {**values, **SENDERS.get(kind, {}), **marked.get(kind, {})} for kind, values in REDACTED.items()
    }


def describe_removal(months: int) -> str:
    return f"Texts were removed after {months} month{'s' if months > 1 else ''}."
