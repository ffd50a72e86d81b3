"""How many tickets of each status and category there are, and how many need review, without reading them.

For all tickets: triggers record by how much a statement changes a group, in the same transaction; the sum of
a group's rows is its count. Rows are only added, so no change waits for another one. For some tickets: they
are counted up to MAX_COUNTED, so the time for a page does not depend on their number.
"""

from collections.abc import Collection
from dataclasses import dataclass

import pgtrigger
from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction

GROUP_FIELDS = ("status", "category", "needs_review")
MAX_COUNTED = 1_000
MAX_COUNTED_IN_SCAN = 100  # of a search with so many hits that the newest tickets are read for them

# One at a time: two at once would both record everything. In the meantime tickets may change.
LOCK_TABLE = "LOCK TABLE tickets_ticketcount IN SHARE UPDATE EXCLUSIVE MODE"

# One statement sees one snapshot: later changes by others stay as rows of their own.
RECOUNT = """
WITH old AS (DELETE FROM tickets_ticketcount)
INSERT INTO tickets_ticketcount (status, category, needs_review, change)
SELECT status, category, needs_review, count(*) FROM tickets_ticket GROUP BY 1, 2, 3
"""
COUNT_GROUPS = "SELECT status, category, needs_review, count(*) FROM ({}) AS hits GROUP BY 1, 2, 3"
ADD_CHANGES = """
INSERT INTO tickets_ticketcount (status, category, needs_review, change)
SELECT status, category, needs_review, sum(n) FROM ({}) AS changed GROUP BY 1, 2, 3 HAVING sum(n) <> 0;
RETURN NULL;
"""
OLD_ROWS = "SELECT status, category, needs_review, -1 AS n FROM old_rows"
NEW_ROWS = "SELECT status, category, needs_review, 1 AS n FROM new_rows"


class TicketCount(models.Model):
    """By how much a statement changed the number of tickets of a group."""

    status = models.CharField(max_length=10)
    category = models.CharField(max_length=10)
    needs_review = models.BooleanField()
    change = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.status}, {self.category}: {self.change:+d}"


@dataclass(frozen=True)
class Count:
    """A number of tickets; if capped, there are at least that many."""

    number: int
    is_capped: bool = False


@dataclass(frozen=True)
class Counts:
    """(status, category, needs_review, number of tickets) of each group. limit: set if only so many tickets
    were counted and there are more."""

    groups: list[tuple[str, str, bool, int]]
    limit: int | None = None

    def total(
        self, statuses: Collection[str], categories: Collection[str], *, only_needs_review: bool = False
    ) -> Count:
        number = sum(
            number
            for status, category, needs_review, number in self.groups
            if status in statuses and category in categories and (needs_review or not only_needs_review)
        )
        return Count(number) if self.limit is None else Count(min(number, self.limit), is_capped=True)


def count_all() -> Counts:
    return Counts(read_counts(*GROUP_FIELDS))


def count_up_to(tickets: models.QuerySet, limit: int) -> Counts:
    """Exact, unless they are more than the limit."""
    if tickets.query.is_empty():
        return Counts([])
    try:
        query = tickets.order_by().values_list(*GROUP_FIELDS)[: limit + 1].query
        sql, params = query.sql_with_params()
    except EmptyResultSet:
        return Counts([])
    with connection.cursor() as cursor:
        cursor.execute(COUNT_GROUPS.format(sql), params)
        groups = cursor.fetchall()
    return Counts(groups, limit if sum(number for *_, number in groups) > limit else None)


def read_counts(*fields: str) -> list[tuple]:
    """(value of each field, number of tickets) for each group that has tickets."""
    sums = TicketCount.objects.values_list(*fields).annotate(tickets=models.Sum("change"))
    return [(*group, int(tickets)) for *group, tickets in sums.order_by() if tickets]


@transaction.atomic
def recount() -> None:
    """Back to one row per group, computed from the tickets."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_TABLE)
        cursor.execute(RECOUNT)


def count_after(operation: pgtrigger.Operation, func: str, **sides: str) -> pgtrigger.Trigger:
    """Runs once per statement, however many rows it changes."""
    return pgtrigger.Trigger(
        name=f"count_{operation}".lower(),
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**sides) if sides else None,
        func=func,
    )


COUNT_TRIGGERS = [
    count_after(pgtrigger.Insert, ADD_CHANGES.format(NEW_ROWS), new="new_rows"),
    count_after(
        pgtrigger.Update,
        ADD_CHANGES.format(f"{OLD_ROWS} UNION ALL {NEW_ROWS}"),
        old="old_rows",
        new="new_rows",
    ),
    count_after(pgtrigger.Delete, ADD_CHANGES.format(OLD_ROWS), old="old_rows"),
    count_after(pgtrigger.Truncate, "DELETE FROM tickets_ticketcount; RETURN NULL;"),
]
