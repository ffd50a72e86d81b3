"""The rows that an import reads: plain values, from any source. No ORM here."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple


class TicketRow(NamedTuple):
    """One ticket of the past. Times are aware; category may be empty, then triage decides.

    line: the row's position in its file, for error messages. copied: how many characters at the end of the
    description the reporter's first message may repeat (0: none). errors: why it could not be read; such a
    row is refused, and values that were not read are 0, empty or None.
    """

    line: int
    id: int
    description: str
    building: str
    room: str
    status: str
    category: str
    opened_at: datetime | None
    closed_at: datetime | None
    modified_at: datetime | None
    opener_name: str = ""
    copied: int = 0
    errors: Sequence[str] = ()


class MessageRow(NamedTuple):
    """One message of the past, under the ticket of that id. errors: as for a ticket."""

    line: int
    ticket_id: int
    author_role: str
    author_name: str
    body: str
    is_internal: bool
    sent_at: datetime | None
    errors: Sequence[str] = ()
