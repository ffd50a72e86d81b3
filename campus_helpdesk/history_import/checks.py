"""What a row must be to be imported. Each refusal names its line and stops the whole import."""

from datetime import UTC, datetime

from campus_helpdesk.history_import.rows import MessageRow, TicketRow
from tickets.access import Role
from tickets.categories import Category
from tickets.errors import Invalid
from tickets.lifecycle import Status
from tickets.texts import LONGEST_NAME, clean_place, clean_text

# The sequence goes on after the greatest id: there must be room above it.
GREATEST_ID = 10**17  # leaves room for what is reported afterwards
EARLIEST_YEAR = 1900
# Named once: an enum builds its list of values anew each time it is asked.
STATUSES, CATEGORIES = tuple(Status.values), tuple(Category.values)


class ImportRefused(Exception):
    """A row that cannot be imported; nothing was written. source: "tickets" or "messages"."""

    def __init__(self, source: str, line: int, sentence: str):
        super().__init__(f"{source}, line {line}: {sentence}")
        self.source, self.line, self.sentence = source, line, sentence


def check_ticket(row: TicketRow, now: datetime) -> TicketRow:
    """The row as it is stored. Raises ImportRefused."""
    try:
        check_ticket_values(row, now)
        return row._replace(
            description=clean_text("description", row.description),
            building=clean_place("building", row.building),
            room=clean_place("room", row.room),
            opener_name=clean_text("name", row.opener_name, limit=LONGEST_NAME, is_required=False),
        )
    except (Invalid, ValueError) as fault:
        raise ImportRefused("tickets", row.line, say(fault)) from None


def check_ticket_values(row: TicketRow, now: datetime) -> None:
    """Raises ValueError with a sentence."""
    if not 1 <= row.id <= GREATEST_ID:
        raise ValueError(f"id {row.id} is not between 1 and {GREATEST_ID}")
    if row.status not in STATUSES:
        raise ValueError(f"unknown status {row.status!r}; known: {', '.join(STATUSES)}")
    if row.category and row.category not in CATEGORIES:
        raise ValueError(f"unknown category {row.category!r}; known: {', '.join(CATEGORIES)}")
    check_ticket_moments(row, now)


def check_ticket_moments(row: TicketRow, now: datetime) -> None:
    """Raises ValueError with a sentence."""
    check_moment("opened_at", row.opened_at, now)
    check_moment("closed_at", row.closed_at, now)
    check_moment("updated_at", row.modified_at, now)
    if row.status == Status.CLOSED and row.closed_at is None:
        raise ValueError("a closed ticket needs closed_at")
    if row.status != Status.CLOSED and row.closed_at is not None:
        raise ValueError(f"closed_at is given, but the status is {row.status}")
    if row.closed_at is not None and row.closed_at < row.opened_at:
        raise ValueError("closed_at lies before opened_at")


def check_moment(name: str, moment: datetime | None, now: datetime) -> None:
    """Raises ValueError for a moment without an offset, of another age, or one that has not come yet."""
    if moment is None:
        return
    if moment.tzinfo is None:
        raise ValueError(f"{name} has no offset; write the moment in UTC with Z")
    if moment.year < EARLIEST_YEAR:
        raise ValueError(f"{name} lies before {EARLIEST_YEAR}")
    if moment > now:
        raise ValueError(f"{name} lies in the future: {moment.astimezone(UTC).isoformat()}")


def check_message(row: MessageRow, now: datetime) -> MessageRow:
    """The row as it is stored. Raises ImportRefused."""
    try:
        check_moment("created_at", row.sent_at, now)
        if row.is_internal and row.author_role != Role.HELPDESK:
            raise ValueError("an internal note is the helpdesk's: is_staff must be 1")
        return row._replace(
            body=clean_text("body", row.body),
            author_name=clean_text("author", row.author_name, limit=LONGEST_NAME, is_required=False),
        )
    except (Invalid, ValueError) as fault:
        raise ImportRefused("messages", row.line, say(fault)) from None


def say(fault: Invalid | ValueError) -> str:
    if isinstance(fault, Invalid):
        return "; ".join(f"{field}: {' '.join(texts)}" for field, texts in fault.errors.items())
    return str(fault)
