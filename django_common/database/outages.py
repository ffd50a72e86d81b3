"""Failures of the database, described for the person whose request failed."""

from django.db import DatabaseError, OperationalError

from django_common.database.base import CommitLost

DATABASE_AWAY = "The database is not responding. Nothing was changed; try again in a moment."
COMMIT_UNKNOWN = (
    "It is not known whether this was saved: the connection to the database was lost at the last step. All "
    "of it was saved, or nothing: check before you send it again."
)
# Failures with an outside cause, by the beginning of their SQLSTATE; any OperationalError is another.
OUTAGES_BY_SQLSTATE = {
    "25006": (
        "The database is read-only at the moment. Reading still works. Nothing was changed; try again later."
    ),
    "53100": "The server has no disk space left. Nothing was changed; reading works.",
    "55P03": "Someone else is changing this right now. Nothing was changed; try again.",
    "XX": "Part of the stored data is unreadable. Nothing was changed; the error was logged.",
}


def describe_outage(error: BaseException | None) -> str:
    """What failed, if the database cannot do its work; empty for everything else."""
    if isinstance(error, CommitLost):
        return COMMIT_UNKNOWN
    state = getattr(getattr(error, "__cause__", None), "sqlstate", None) or ""
    if isinstance(error, DatabaseError):
        for prefix, description in OUTAGES_BY_SQLSTATE.items():
            if state.startswith(prefix):
                return description
    return DATABASE_AWAY if isinstance(error, OperationalError) else ""
