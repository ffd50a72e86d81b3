"""How a change of a ticket is refused. A refused change has changed nothing."""

from typing import TYPE_CHECKING

from common.errors import Refused

if TYPE_CHECKING:
    from tickets.models import Ticket


class WrongState(Refused):
    status = 409
    title = "Not possible in the ticket's current status"


class VersionMissing(Refused):
    status = 428
    title = "The edited version must be given (If-Match)"


class VersionStale(Refused):
    """Someone else has changed the ticket in the meantime. current: the ticket as it is now."""

    status = 412
    title = "Someone else has changed this ticket"

    def __init__(self, current: "Ticket"):
        super().__init__(f"You edited an older version; the ticket is now at version {current.version}.")
        self.current = current


class KeyReused(Refused):
    status = 422
    title = "This key was used for another request"
