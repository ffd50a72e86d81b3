"""The statuses and the legal moves between them. The database's trigger is built from the same table."""

from django.db.models.enums import TextChoices


class Status(TextChoices):
    OPEN = "open", "Open"
    ACTIVE = "active", "Active"
    CLOSED = "closed", "Closed"


LEGAL_MOVES: dict[Status, Status] = {Status.OPEN: Status.ACTIVE, Status.ACTIVE: Status.CLOSED}


def next_move(status: str) -> Status | None:
    """The only status that a ticket may move to; None for closed, which is final."""
    return LEGAL_MOVES.get(Status(status))


def previous_status(status: Status) -> Status:
    """The status that a move to `status` starts from."""
    return next(before for before, after in LEGAL_MOVES.items() if after == status)
