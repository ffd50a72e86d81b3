"""From the text of a cell to its value. Each error is a ValueError whose message quotes what was read."""

import re
from datetime import UTC, datetime

from campus_helpdesk.imports.csv_file import fold
from tickets.categories import Category
from tickets.lifecycle import Status

# The sequence continues after the largest id, so there must be ids above it.
MAX_ID = 10**17
BOOLEANS = {
    **dict.fromkeys(["1", "1.0", "true", "yes"], True),
    **dict.fromkeys(["0", "0.0", "false", "no", ""], False),
}
# Spreadsheets write integers as 300900.0, some exports separate thousands by spaces. A comma is ambiguous.
WHOLE = re.compile(r"([0-9]+)(?:\.0)?", re.ASCII)
THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:[ \u00a0\u202f][0-9]{3})+", re.ASCII)
# Plain text: COPY is slow with members of an enum.
STATUSES = {fold(name): status.value for status in Status for name in (status.value, status.label)}
CATEGORIES = {
    fold(name): category.value for category in Category for name in (category.value, category.label)
}
KNOWN_STATUSES = ", ".join(Status.values)
KNOWN_CATEGORIES = ", ".join(f"{category.value} ({category.label})" for category in Category)
MAX_SHOWN_LENGTH = 40


def to_id(name: str, text: str) -> int:
    cell = text.strip()
    match = WHOLE.fullmatch(cell)
    digits = match[1] if match else re.sub(r"\s", "", cell) if THOUSANDS.fullmatch(cell) else ""
    if not digits:
        raise ValueError(f"{name} must be a whole number, not {quote_value(text)}")
    if len(digits) > 30 or not 1 <= int(digits) <= MAX_ID:
        raise ValueError(f"{name} {digits[:MAX_SHOWN_LENGTH]} is not between 1 and {MAX_ID}")
    return int(digits)


def to_status(name: str, text: str) -> str:
    if (status := STATUSES.get(fold(text))) is None:
        raise ValueError(f"unknown {name} {quote_value(text)}; known: {KNOWN_STATUSES}")
    return status


def to_category(name: str, text: str) -> str:
    """Empty if the cell is empty."""
    cell = fold(text)
    if cell and cell not in CATEGORIES:
        raise ValueError(f"unknown {name} {quote_value(text)}; known: {KNOWN_CATEGORIES}")
    return CATEGORIES[cell] if cell else ""


def to_boolean(name: str, text: str) -> bool:
    if (truth := BOOLEANS.get(text.strip().lower())) is None:
        raise ValueError(f"{name} must be 1 or 0, not {quote_value(text)}")
    return truth


def to_moment(name: str, text: str) -> datetime:
    """A time in UTC; one without an offset is refused, because its zone is unknown."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{name} must be an ISO 8601 date and time such as 2026-03-01T09:30:00Z, not {quote_value(text)}"
        ) from None
    raise ValueError(f"{name} has no UTC offset: {quote_value(text)}; use for example 2026-03-01T09:30:00Z")


def to_moment_or_none(name: str, text: str) -> datetime | None:
    return to_moment(name, text) if text.strip() else None


def quote_value(text: str) -> str:
    return repr(text[:MAX_SHOWN_LENGTH])
