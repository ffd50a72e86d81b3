"""From staged rows to tickets, messages and history: a few statements over all rows."""

import time
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from campus_helpdesk.imports.import_errors import ImportErrors
from campus_helpdesk.imports.reserved_ids import reserve_ids
from campus_helpdesk.imports.staging import DROP_TABLES, Categorize, ProgressCallback, stage
from common.import_rows import MessageRow, TicketRow
from django_common.database import unlimited_transaction
from django_common.triggers import bypass_trigger
from messaging.bulk_import import insert_messages
from tickets.bulk_import import add_places, index_imported, insert_history, insert_tickets
from tickets.triggers import IMPORTING

SORT_MEMORY = "SET LOCAL work_mem = '64MB'"

# Ids of the file that belong to a different ticket here. Those of an earlier import are the same ticket.
OTHER_TICKETS = """
SELECT staged.id FROM staged_ticket staged JOIN tickets_ticket ticket USING (id)
WHERE ticket.opened_at <> staged.opened_at ORDER BY staged.id
"""

# Before the rows are visible: the table is already at its final size, and a list that does not know how
# few of them belong to a ticket reads them all. And again with the rows, so that both become visible at once.
ANALYZE = (
    "ANALYZE tickets_ticket, tickets_ticketcount, tickets_ticketevent, tickets_correction, messaging_message,"
    " tickets_ticketsearch, tickets_searchword, tickets_publicword, places_place, places_spelling"
)


class ImportCounts(NamedTuple):
    """How many rows were new, and in how many seconds they were written.

    skipped: tickets whose id already existed. others: the ids of those that are different tickets here.
    """

    tickets: int
    messages: int
    skipped: int
    others: list[int]
    seconds: float

    @property
    def rate(self) -> float:
        """Tickets per second."""
        return self.tickets / self.seconds if self.seconds else 0.0


def load_history(
    tickets: Iterable[TicketRow],
    messages: Iterable[MessageRow],
    *,
    greatest_id: int,
    categorize: Categorize,
    errors: ImportErrors,
    report: ProgressCallback = lambda line: None,
) -> ImportCounts:
    """Imports tickets of the past with their messages, by COPY, in one transaction.

    Tickets keep their ids and times; an id that already exists is skipped with its messages. Tickets reported
    in the meantime get ids above `greatest_id`, the largest of the rows. activated_at, which files
    lack, is the time of the helpdesk's first message that is not a note; without one it is closed_at for a
    closed and the last change for an active ticket. modified_at is the latest of the given one, the moves and
    the last message that is not a note. The history has the moves at their times as `imported` by `import`.

    `categorize` decides the category (see categorize.py); a person's decision is stored as a correction.
    errors: those found before or while the rows are read. Raises ImportRefused with all errors; then nothing
    is written.
    """
    start = time.monotonic()
    with unlimited_transaction(), connection.cursor() as cursor:
        cursor.execute(ANALYZE)
    with unlimited_transaction(), connection.cursor() as cursor, reserve_ids(cursor, greatest_id, report):
        cursor.execute(SORT_MEMORY)
        stage(cursor, tickets, messages, categorize, errors, report)
        counts = write(cursor, report)
        cursor.execute(ANALYZE)
    return ImportCounts(*counts, seconds=time.monotonic() - start)


def write(cursor: CursorWrapper, report: ProgressCallback) -> tuple[int, int, int, list[int]]:
    """Inserts the new staged rows. Returns how many tickets and messages were new, how many tickets were
    skipped, and the ids of those that are different tickets here."""
    with bypass_trigger(IMPORTING):
        report("writing tickets")
        tickets = insert_tickets(cursor)
        report("writing messages")
        messages = insert_messages(cursor)
        report("writing history")
        insert_history(cursor)
        report("indexing words")
        index_imported()
        add_places(cursor)
    cursor.execute("SELECT count(*) FROM staged_ticket")
    skipped = cursor.fetchone()[0] - tickets
    cursor.execute(OTHER_TICKETS)
    others = [number for (number,) in cursor]
    cursor.execute(DROP_TABLES)
    return tickets, messages, skipped, others
