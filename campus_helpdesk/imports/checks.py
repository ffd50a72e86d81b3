"""The checks of a row. A refusal lists all of its errors."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from campus_helpdesk.imports.import_errors import RowRefused
from common.errors import Invalid
from common.import_rows import MessageRow, TicketRow
from common.roles import Role
from django_common.text_validation import (
    MAX_NAME_LENGTH,
    clean_line,
    clean_location,
    clean_text,
    fold_line,
)
from tickets.lifecycle import Status

MIN_YEAR = 1900


def check_ticket(row: TicketRow, now: datetime) -> TicketRow:
    """The row as it will be stored. Raises RowRefused."""
    errors = [*row.errors, *find_moment_errors(row, now)]
    name = clean(errors, clean_line, "name", fold_line(row.opener_name), limit=MAX_NAME_LENGTH)
    checked = row._replace(
        description=clean(errors, clean_text, "description", row.description),
        building=clean(errors, clean_location, "building", row.building),
        room=clean(errors, clean_location, "room", row.room),
        opener_name=name,
    )
    if errors:
        raise RowRefused(errors)
    return checked


def find_moment_errors(row: TicketRow, now: datetime) -> Iterator[str]:
    """Whether times and status fit is reported only if all of the row could be read."""
    moments = {"opened_at": row.opened_at, "closed_at": row.closed_at, "updated_at": row.modified_at}
    yield from chain.from_iterable(find_moment_error(name, at, now) for name, at in moments.items())
    if row.opened_at and row.closed_at and row.closed_at < row.opened_at:
        yield "closed_at is before opened_at"
    if row.errors:
        return
    if row.status == Status.CLOSED and row.closed_at is None:
        yield "a closed ticket needs closed_at"
    if row.status != Status.CLOSED and row.closed_at is not None:
        yield f"closed_at is given, but the status is {row.status}"


def find_moment_error(name: str, moment: datetime | None, now: datetime) -> Iterator[str]:
    """A time that is implausibly old, or in the future."""
    if moment is None:
        return
    if moment.year < MIN_YEAR:
        yield f"{name} is before {MIN_YEAR}"
    if moment > now:
        yield f"{name} is in the future: {moment.astimezone(UTC).isoformat()}"


def check_message(row: MessageRow, now: datetime) -> MessageRow:
    """The row as it will be stored. Raises RowRefused."""
    errors = [*row.errors, *find_moment_error("created_at", row.sent_at, now)]
    if row.is_internal and row.author_role != Role.HELPDESK:
        errors.append("only the helpdesk writes internal notes: is_staff must be 1")
    body = clean(errors, clean_text, "body", row.body)
    author = clean(errors, clean_line, "author", fold_line(row.author_name), limit=MAX_NAME_LENGTH)
    if errors:
        raise RowRefused(errors)
    return row._replace(body=body, author_name=author)


def clean(errors: list[str], cleaner: Callable[..., str], field: str, text: str, **options: Any) -> str:
    """The text as it will be stored, or an error."""
    try:
        return cleaner(field, text, **options)
    except Invalid as refusal:
        errors.extend(f"{name}: {' '.join(messages)}" for name, messages in refusal.errors.items())
        return ""
