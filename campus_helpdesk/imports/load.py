"""From staged rows to tickets, messages and history: a few statements over all rows."""

import time
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from campus_helpdesk.imports.faults import Faults
from campus_helpdesk.imports.reserved_ids import reserve_ids
from campus_helpdesk.imports.staging import DROP_TABLES, FileTicket, Tell, stage
from common.history_rows import MessageRow, TicketRow
from django_common.database import long_work
from django_common.triggers import bypass_trigger
from tickets.search_index import index_tickets
from tickets.triggers import IMPORTING

SORT_MEMORY = "SET LOCAL work_mem = '64MB'"

# activated_at: the helpdesk's first answer; without one the closing, or the last change.
# A move raises the version, as it would have done here.
INSERT_TICKETS = """
WITH moments AS (
    SELECT ticket.*, talk.first_answered_at,
        greatest(opened_at, modified_at, closed_at, talk.last_said_at) AS changed_at,
        CASE status WHEN 'closed' THEN 3 WHEN 'active' THEN 2 ELSE 1 END AS version
    FROM staged_ticket ticket LEFT JOIN staged_talk talk ON talk.ticket_id = ticket.id
), inserted AS (
    INSERT INTO tickets_ticket (
        id, description, building, room, status, version, category, category_source, needs_review,
        triage_confidence, triage_runner_up, triage_evidence, triage_model, triage_is_mixed,
        opened_at, modified_at, activated_at, first_answered_at, closed_at, opener, opener_name, changed_xid
    )
    SELECT id, description, building, room, status, version, category, source, needs_review,
        confidence, runner_up, evidence, model, is_mixed,
        opened_at, changed_at,
        CASE WHEN version > 1 THEN coalesce(first_answered_at, closed_at, changed_at) END,
        first_answered_at, closed_at, '', opener_name, 0
    FROM moments ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
INSERT INTO fresh_ticket SELECT id FROM inserted
"""

INSERT_MESSAGES = """
INSERT INTO messaging_message (
    ticket_id, author_role, author_name, body, is_internal, author_session, key, sent_at
)
SELECT ticket_id, author_role, author_name, body, is_internal, '', '', sent_at
FROM staged_message JOIN fresh_ticket ON fresh_ticket.id = ticket_id
ORDER BY line
"""

# Every move at the time at which it happened, signed by the import.
INSERT_HISTORY = """
INSERT INTO tickets_ticketevent (
    pgh_created_at, pgh_label, pgh_obj_id, description, building, room, category,
    status, activated_at, closed_at, version, verb, by_role, by_name, reason
)
SELECT move.at, 'imported', ticket.id, description, building, room, category, move.status,
    CASE WHEN move.version >= 2 THEN ticket.activated_at END,
    CASE WHEN move.version >= 3 THEN ticket.closed_at END,
    move.version, 'imported', 'import', '', ''
FROM fresh_ticket JOIN tickets_ticket ticket USING (id)
CROSS JOIN LATERAL (
    VALUES ('open', opened_at, 1), ('active', activated_at, 2), ('closed', closed_at, 3)
) move (status, at, version)
WHERE move.at IS NOT NULL
ORDER BY move.at, ticket.id, move.version
"""

# A person's decision about triage's choice, when the ticket was taken up.
INSERT_CORRECTIONS = """
INSERT INTO tickets_correction (ticket_id, old, new, by_role, by_name, triage_model, at)
SELECT ticket.id, staged.judged, ticket.category, 'helpdesk', 'import', ticket.triage_model,
    coalesce(ticket.activated_at, ticket.opened_at) AS at
FROM fresh_ticket JOIN staged_ticket staged USING (id) JOIN tickets_ticket ticket USING (id)
WHERE staged.judged <> ''
ORDER BY at, ticket.id
"""

# Ids of the file that belong to another ticket here. Those of an earlier import are the same ticket.
OTHER_TICKETS = """
SELECT staged.id FROM staged_ticket staged JOIN tickets_ticket ticket USING (id)
WHERE ticket.opened_at <> staged.opened_at ORDER BY staged.id
"""

# Before the rows are visible: the table is already at its final size, and a list that does not know how
# few of them belong to a ticket reads them all. And with them: whoever sees the rows has their statistics.
ANALYZE = (
    "ANALYZE tickets_ticket, tickets_ticketcount, tickets_ticketevent, tickets_correction, messaging_message,"
    " tickets_ticketsearch, tickets_searchword, tickets_publicword"
)


class Loaded(NamedTuple):
    """What was new, and in how many seconds it was written.

    skipped: tickets whose id already existed. others: those of them that are another ticket than the file's.
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
    file_ticket: FileTicket,
    faults: Faults,
    tell: Tell = lambda line: None,
) -> Loaded:
    """Imports tickets of the past with their messages, by COPY, in one transaction.

    Tickets keep their ids and times; an id that exists already is skipped with its messages. No ticket that
    is reported meanwhile gets an id up to `greatest_id`, the largest of the rows. activated_at, which files
    lack, is the time of the helpdesk's first answer that is not a note; without one it is closed_at for a
    closed and the last change for an active ticket. modified_at is the latest of the given one, the moves and
    the last message that is not a note. The history has the moves at their times as `imported` by `import`.

    file_ticket decides the category (see categorize.py); a person's decision is stored as a correction.
    faults: errors found before or while the rows are read. Raises ImportRefused with all errors; then nothing
    is written.
    """
    start = time.monotonic()
    with long_work(), connection.cursor() as cursor:
        cursor.execute(ANALYZE)
    with long_work(), connection.cursor() as cursor, reserve_ids(cursor, greatest_id, tell):
        cursor.execute(SORT_MEMORY)
        stage(cursor, tickets, messages, file_ticket, faults, tell)
        counts = write(cursor, tell)
        cursor.execute(ANALYZE)
    return Loaded(*counts, seconds=time.monotonic() - start)


def write(cursor, tell: Tell) -> tuple[int, int, int, list[int]]:
    """Inserts the new staged rows. Returns how many tickets and messages were new, how many tickets were not,
    and the ids of those that are other tickets here."""
    with bypass_trigger(IMPORTING):
        tell("writing tickets")
        cursor.execute(INSERT_TICKETS)
        tickets = cursor.rowcount
        tell("writing messages")
        cursor.execute(INSERT_MESSAGES)
        messages = cursor.rowcount
        tell("writing history")
        cursor.execute(INSERT_HISTORY)
        cursor.execute(INSERT_CORRECTIONS)
        tell("indexing words")
        index_tickets("SELECT id FROM fresh_ticket ORDER BY id")
    cursor.execute("SELECT count(*) FROM staged_ticket")
    skipped = cursor.fetchone()[0] - tickets
    cursor.execute(OTHER_TICKETS)
    others = [number for (number,) in cursor]
    cursor.execute(DROP_TABLES)
    return tickets, messages, skipped, others
