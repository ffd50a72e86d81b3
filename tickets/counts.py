"""How many tickets there are of each status, category and doubt, known without looking at each of them.

Triggers write down by how much a statement changes a group; the sum of a group's rows is its number, in the
same transaction as the tickets themselves. Rows are only added, so nobody waits for another's change.
"""

import pgtrigger
from django.db import connection, models, transaction

GROUP = ("status", "category", "needs_review")

# One at a time: two at once would both write down everything. Whoever moves a ticket goes on meanwhile.
TAKE_TURN = "LOCK TABLE tickets_ticketcount IN SHARE UPDATE EXCLUSIVE MODE"

# One statement sees one moment: what others change later stays as a row of its own.
RECOUNT = """
WITH old AS (DELETE FROM tickets_ticketcount)
INSERT INTO tickets_ticketcount (status, category, needs_review, change)
SELECT status, category, needs_review, count(*) FROM tickets_ticket GROUP BY 1, 2, 3
"""
NOTE = """
INSERT INTO tickets_ticketcount (status, category, needs_review, change)
SELECT status, category, needs_review, sum(n) FROM ({}) AS changed GROUP BY 1, 2, 3 HAVING sum(n) <> 0;
RETURN NULL;
"""
OLD = "SELECT status, category, needs_review, -1 AS n FROM old_rows"
NEW = "SELECT status, category, needs_review, 1 AS n FROM new_rows"


class TicketCount(models.Model):
    """By how much a statement changed the number of tickets of a group."""

    status = models.CharField(max_length=10)
    category = models.CharField(max_length=10)
    needs_review = models.BooleanField()
    change = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.status}, {self.category}: {self.change:+d}"


def read_counts(*fields: str) -> list[tuple]:
    """(value of each field, number of tickets) for each group that has tickets."""
    sums = TicketCount.objects.values_list(*fields).annotate(tickets=models.Sum("change"))
    return [(*group, int(tickets)) for *group, tickets in sums.order_by() if tickets]


@transaction.atomic
def recount() -> None:
    """One row a group again, of the tickets as they are."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURN)
        cursor.execute(RECOUNT)


def count_after(operation: pgtrigger.Operation, func: str, **sides: str) -> pgtrigger.Trigger:
    """Once a statement, however many rows it changes."""
    return pgtrigger.Trigger(
        name=f"count_{operation}".lower(),
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**sides) if sides else None,
        func=func,
    )


COUNTING = [
    count_after(pgtrigger.Insert, NOTE.format(NEW), new="new_rows"),
    count_after(pgtrigger.Update, NOTE.format(f"{OLD} UNION ALL {NEW}"), old="old_rows", new="new_rows"),
    count_after(pgtrigger.Delete, NOTE.format(OLD), old="old_rows"),
    count_after(pgtrigger.Truncate, "DELETE FROM tickets_ticketcount; RETURN NULL;"),
]
