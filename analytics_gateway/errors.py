"""Errors of the gateway. A refused request has changed nothing, except that an invalid result fails its
attempt."""

from common.errors import Refused


class AttemptNotRunning(Refused):
    """The attempt that a service names is not the running one: another worker has it, or it has ended."""

    status = 409
    title = "This attempt is not running"


class WrongState(Refused):
    status = 409
    title = "The state of the analysis does not allow this"


class TooManySchedules(Refused):
    status = 409
    title = "Too many scheduled reports"


class TooManyPins(Refused):
    status = 409
    title = "Too many pinned analyses"


class TooManyWaiting(Refused):
    """The queue is full; nothing was stored."""

    status = 503
    title = "Too many analyses are waiting"
    retry_after = 60


class TooManyAtOnce(Refused):
    """One session requests too many analyses at once; nothing was stored."""

    status = 429
    title = "Your analyses are still running"
    retry_after = 10
