"""CSV files to rows: UTF-8, a header, moments in ISO 8601 with an offset. Read as a stream."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from campus_helpdesk.history_import.checks import ImportRefused
from campus_helpdesk.history_import.rows import MessageRow, TicketRow
from tickets.access import Role

TRUTHS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
USER, HELPDESK = Role.USER.value, Role.HELPDESK.value  # plain text: COPY is slow with members of an enum
Record = Callable[[str], str]  # a column's name to its text, empty where the file has no such column


def read_tickets(path: Path) -> Iterator[TicketRow]:
    """The tickets of a file, one by one. Raises ImportRefused, OSError."""
    for line, record in read_records("tickets", path, {"id", "status", "opened_at"}, {"body", "description"}):
        try:
            yield to_ticket(line, record)
        except ValueError as fault:
            raise ImportRefused("tickets", line, str(fault)) from None


def read_messages(path: Path) -> Iterator[MessageRow]:
    """The messages of a file, one by one. Raises ImportRefused, OSError."""
    needed = {"ticket_id", "is_staff", "created_at"}
    for line, record in read_records("messages", path, needed, {"body"}):
        try:
            yield to_message(line, record)
        except ValueError as fault:
            raise ImportRefused("messages", line, str(fault)) from None


def read_records(source: str, path: Path, needed: set[str], one_of: set[str]) -> Iterator[tuple[int, Record]]:
    """Every record with the line on which it begins. Raises ImportRefused."""
    line = 1
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            columns = read_header(source, next(reader, []), needed, one_of)
            line = reader.line_num + 1
            for values in reader:
                if values:
                    yield line, to_record(source, line, columns, values)
                line = reader.line_num + 1
        except (csv.Error, UnicodeDecodeError) as fault:
            raise ImportRefused(source, line, f"cannot be read: {fault}") from None


def read_header(source: str, names: list[str], needed: set[str], one_of: set[str]) -> dict[str, int]:
    """The position of each column. Raises ImportRefused."""
    columns = {name.strip(): n for n, name in enumerate(names)}
    missing = sorted(needed - set(columns)) + ([] if one_of & set(columns) else [" or ".join(sorted(one_of))])
    if missing:
        raise ImportRefused(source, 1, f"the header lacks {', '.join(missing)}")
    if len(columns) < len(names):
        raise ImportRefused(source, 1, "the header names a column twice")
    return columns


def to_record(source: str, line: int, columns: dict[str, int], values: list[str]) -> Record:
    if len(values) != len(columns):
        raise ImportRefused(source, line, f"{len(values)} fields where the header has {len(columns)}")
    return lambda name: values[columns[name]] if name in columns else ""


def to_ticket(line: int, record: Record) -> TicketRow:
    """Raises ValueError with a sentence."""
    body = tidy(record("body")) or tidy(record("description"))
    description = with_title(tidy(record("title")), body)
    return TicketRow(
        line=line,
        id=to_id("id", record("id")),
        description=description,
        building=record("building"),
        room=record("room"),
        status=record("status").strip(),
        category=record("category").strip(),
        opened_at=to_moment("opened_at", record("opened_at")),
        closed_at=to_moment_or_none("closed_at", record("closed_at")),
        modified_at=to_moment_or_none("updated_at", record("updated_at")),
        copied=len(body),
    )


def to_message(line: int, record: Record) -> MessageRow:
    """Raises ValueError with a sentence."""
    return MessageRow(
        line=line,
        ticket_id=to_id("ticket_id", record("ticket_id")),
        author_role=HELPDESK if to_truth("is_staff", record("is_staff")) else USER,
        author_name=record("author"),
        body=record("body"),
        is_internal=to_truth("is_internal", record("is_internal")),
        sent_at=to_moment("created_at", record("created_at")),
    )


def tidy(text: str) -> str:
    """As texts are stored, so that a copy is found out by its length."""
    return text.replace("\r\n", "\n").strip()


def with_title(title: str, body: str) -> str:
    """The title as first line, unless the body begins with it already."""
    line = " ".join(title.split())
    if not line or body.split("\n", 1)[0].strip() == line:
        return body
    return f"{line}\n{body}".strip()


def to_id(name: str, text: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit()) or len(text) > 30:
        raise ValueError(f"{name} must be a whole number, not {text[:40]!r}")
    return int(text)


def to_truth(name: str, text: str) -> bool:
    if text.strip().lower() not in TRUTHS:
        raise ValueError(f"{name} must be 1 or 0, not {text[:40]!r}")
    return TRUTHS[text.strip().lower()]


def to_moment(name: str, text: str) -> datetime:
    """A moment in UTC; one without an offset is refused, since nobody knows where it was written."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{name} must be an ISO 8601 moment such as 2026-03-01T09:30:00Z, not {text[:40]!r}"
        ) from None
    raise ValueError(f"{name} has no offset: {text!r}; write the moment in UTC with Z")


def to_moment_or_none(name: str, text: str) -> datetime | None:
    return to_moment(name, text) if text.strip() else None
