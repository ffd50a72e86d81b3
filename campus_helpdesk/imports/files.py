"""Reads the two files of an import as streams of rows: a header, times in ISO 8601 with offset."""

from collections.abc import Iterator
from pathlib import Path

from campus_helpdesk.imports.csv_file import Columns, CsvFile, Record, open_csv
from campus_helpdesk.imports.import_errors import ImportErrors
from campus_helpdesk.imports.values import (
    to_boolean,
    to_category,
    to_id,
    to_moment,
    to_moment_or_none,
    to_status,
)
from common.import_rows import MessageRow, TicketRow
from common.roles import Role
from django_common.text_validation import normalise

TICKETS = Columns(
    needed=frozenset({"id", "status", "opened_at"}),
    one_of=frozenset({"body", "description"}),
    optional=frozenset({"title", "building", "room", "category", "closed_at", "updated_at"}),
)
MESSAGES = Columns(
    needed=frozenset({"ticket_id", "is_staff", "created_at"}),
    one_of=frozenset({"body"}),
    optional=frozenset({"author", "is_internal"}),
)
USER, HELPDESK = Role.USER.value, Role.HELPDESK.value  # plain text: COPY is slow with members of an enum


def open_tickets(path: Path, errors: ImportErrors) -> CsvFile | None:
    """Raises OSError."""
    return open_csv("tickets", path, TICKETS, errors)


def open_messages(path: Path, errors: ImportErrors) -> CsvFile | None:
    """Raises OSError."""
    return open_csv("messages", path, MESSAGES, errors)


def find_greatest_id(file: CsvFile) -> int:
    """The largest id of a file's tickets; 0 if there is none. Unreadable rows are reported when it is
    imported."""
    return max((record.read("id", to_id, 0) for record in file.records(ImportErrors())), default=0)


def read_tickets(file: CsvFile, errors: ImportErrors) -> Iterator[TicketRow]:
    """The tickets of a file, one by one, including those that will be refused."""
    return map(to_ticket, file.records(errors))


def read_messages(file: CsvFile, errors: ImportErrors) -> Iterator[MessageRow]:
    """The messages of a file, one by one, including those that will be refused."""
    return map(to_message, file.records(errors))


def to_ticket(record: Record) -> TicketRow:
    body = normalise(record.text("body")) or normalise(record.text("description"))
    return TicketRow(
        line=record.line,
        id=record.read("id", to_id, 0),
        description=with_title(normalise(record.text("title")), body),
        building=record.text("building"),
        room=record.text("room"),
        status=record.read("status", to_status, ""),
        category=record.read("category", to_category, ""),
        opened_at=record.read("opened_at", to_moment, None),
        closed_at=record.read("closed_at", to_moment_or_none, None),
        modified_at=record.read("updated_at", to_moment_or_none, None),
        copied=len(body),  # normalised as it is stored: a copy is recognised by its length
        errors=record.errors,
    )


def to_message(record: Record) -> MessageRow:
    return MessageRow(
        line=record.line,
        ticket_id=record.read("ticket_id", to_id, 0),
        author_role=HELPDESK if record.read("is_staff", to_boolean, True) else USER,
        author_name=record.text("author"),
        body=record.text("body"),
        is_internal=record.read("is_internal", to_boolean, False),
        sent_at=record.read("created_at", to_moment, None),
        errors=record.errors,
    )


def with_title(title: str, body: str) -> str:
    """The title as first line, unless the body begins with it."""
    line = " ".join(title.split())
    if not line or body.split("\n", 1)[0].strip() == line:
        return body
    return f"{line}\n{body}".strip()
