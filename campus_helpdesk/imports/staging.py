"""Staging of rows: COPY into temporary tables, then the checks that need all of them."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from campus_helpdesk.imports.categorize import Categorization
from campus_helpdesk.imports.checks import check_message, check_ticket
from campus_helpdesk.imports.import_errors import ImportErrors, RowRefused
from common.import_rows import MessageRow, TicketRow
from tickets.bulk_import import unify_buildings

Categorize = Callable[[TicketRow], Categorization]
ProgressCallback = Callable[[str], None]
REPORT_EVERY = 20_000

TABLES = """
CREATE TEMPORARY TABLE staged_ticket (
    line integer, id bigint, description text, copied integer, building text, room text, status text,
    opened_at timestamptz, closed_at timestamptz, modified_at timestamptz, opener_name text,
    category text, source text, needs_review boolean, confidence double precision, runner_up text,
    evidence jsonb, model text, is_mixed boolean, predicted text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_message (
    line integer, ticket_id bigint, author_role text, author_name text, body text, is_internal boolean,
    sent_at timestamptz
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_conversation (
    ticket_id bigint, first_answered_at timestamptz, last_message_at timestamptz
) ON COMMIT DROP;
CREATE TEMPORARY TABLE fresh_ticket (id bigint PRIMARY KEY) ON COMMIT DROP;
"""

DROP_TABLES = "DROP TABLE staged_ticket, staged_message, staged_conversation, fresh_ticket"

# The reporter's text as first message: the ticket already contains it.
DROP_COPIED_MESSAGES = """
DELETE FROM staged_message message
USING (
    SELECT DISTINCT ON (ticket_id) line, ticket_id FROM staged_message ORDER BY ticket_id, sent_at, line
) first, staged_ticket ticket
WHERE message.line = first.line AND ticket.id = first.ticket_id AND ticket.copied > 0
  AND message.body = right(ticket.description, ticket.copied)
"""

SUMMARISE_CONVERSATIONS = """
INSERT INTO staged_conversation
SELECT ticket_id,
       min(sent_at) FILTER (WHERE author_role = 'helpdesk' AND NOT is_internal),
       max(sent_at) FILTER (WHERE NOT is_internal)
FROM staged_message GROUP BY ticket_id
"""

# Source, query for bad lines and the id that each names, message.
ROW_CHECKS = (
    (
        "tickets",
        """SELECT line, id FROM (
             SELECT line, id, row_number() OVER (PARTITION BY id ORDER BY line) AS n FROM staged_ticket
           ) numbered WHERE n > 1""",
        "the id {} is in the file twice",
    ),
    (
        "messages",
        """SELECT message.line, message.ticket_id AS id FROM staged_message message
           LEFT JOIN staged_ticket staged ON staged.id = message.ticket_id
           LEFT JOIN tickets_ticket ticket ON ticket.id = message.ticket_id
           WHERE staged.id IS NULL AND ticket.id IS NULL""",
        "there is no ticket {}",
    ),
    (
        "messages",
        """SELECT DISTINCT message.line, ticket.id FROM staged_message message
           JOIN staged_ticket ticket ON ticket.id = message.ticket_id
           WHERE message.sent_at < ticket.opened_at""",
        "created_at is before the opening of ticket {}",
    ),
    (
        "messages",
        """SELECT DISTINCT message.line, ticket.id FROM staged_message message
           JOIN staged_ticket ticket ON ticket.id = message.ticket_id
           WHERE message.sent_at > ticket.closed_at""",
        "created_at is after the closing of ticket {}",
    ),
)


def stage(
    cursor: CursorWrapper,
    tickets: Iterable[TicketRow],
    messages: Iterable[MessageRow],
    categorize: Categorize,
    errors: ImportErrors,
    report: ProgressCallback,
) -> None:
    """Copies all rows into temporary tables, checked one by one and against each other.

    Raises ImportRefused with all errors, including those found while reading the rows.
    """
    cursor.execute(TABLES)
    cursor.execute("SELECT clock_timestamp()")
    now = cursor.fetchone()[0]
    copy_rows(cursor, "staged_ticket", ticket_values(tickets, now, categorize, errors), "tickets", report)
    copy_rows(cursor, "staged_message", message_values(messages, now, errors), "messages", report)
    if not errors.has_unread_rows:  # otherwise unread rows would be reported as missing
        compare_rows(cursor, errors)
    errors.refuse()
    unify_buildings(cursor)
    cursor.execute(DROP_COPIED_MESSAGES)
    cursor.execute(SUMMARISE_CONVERSATIONS)


def copy_rows(
    cursor: CursorWrapper, table: str, rows: Iterator[tuple], noun: str, report: ProgressCallback
) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for count, row in enumerate(rows, start=1):
            copy.write_row(row)
            if count % REPORT_EVERY == 0:
                report(f"{count:,} {noun} read")


def ticket_values(
    rows: Iterable[TicketRow], now: datetime, categorize: Categorize, errors: ImportErrors
) -> Iterator[tuple]:
    for raw in rows:
        try:
            row = check_ticket(raw, now)
        except RowRefused as refusal:
            errors.add("tickets", raw.line, str(refusal))
            if raw.id:
                yield refused_values(raw)
            continue
        categorization = categorize(row)
        evidence = json.dumps([{"word": word, "weight": weight} for word, weight in categorization.evidence])
        yield (
            *(row.line, row.id, row.description, row.copied, row.building, row.room, row.status),
            *(row.opened_at, row.closed_at, row.modified_at, row.opener_name),
            *(
                categorization.category,
                categorization.source,
                categorization.needs_review,
                categorization.confidence,
                categorization.runner_up,
            ),
            *(evidence, categorization.model, categorization.is_mixed, categorization.predicted),
        )


def refused_values(row: TicketRow) -> tuple:
    """Only what other rows are compared with, so that a message of a refused ticket is not also an error."""
    return (row.line, row.id, *[None] * 5, row.opened_at, row.closed_at, *[None] * 11)


def message_values(rows: Iterable[MessageRow], now: datetime, errors: ImportErrors) -> Iterator[tuple]:
    for raw in rows:
        try:
            row = check_message(raw, now)
        except RowRefused as refusal:
            errors.add("messages", raw.line, str(refusal))
            continue
        yield row[:-1]  # without its errors, of which there are none


def compare_rows(cursor: CursorWrapper, errors: ImportErrors) -> None:
    """Finds rows that contradict each other."""
    for source, query, message in ROW_CHECKS:
        cursor.execute(query + " ORDER BY line")
        for line, number in cursor:
            errors.add(source, line, message.format(number))
