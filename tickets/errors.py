"""How a change to a ticket is refused. What was refused changed nothing."""

from common.errors import Refused


class WrongState(Refused):
    status = 409
    title = "The ticket's status does not allow this"


class VersionMissing(Refused):
    status = 428
    title = "Say which version you edit"


class VersionStale(Refused):
    """Somebody else changed the ticket since. current: the ticket as it is now."""

    status = 412
    title = "Somebody changed this ticket meanwhile"

    def __init__(self, current):
        super().__init__(f"You edited an older version; the ticket is now at version {current.version}.")
        self.current = current


class KeyReused(Refused):
    status = 422
    title = "This key was used for another request"
