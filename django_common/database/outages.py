"""What the database could not do, as a sentence for the person who asked."""

from django.db import DatabaseError, OperationalError

from django_common.database.base import CommitLost

DATABASE_AWAY = "The database is not responding. Nothing was changed; try again in a moment."
COMMIT_UNKNOWN = (
    "It is not known whether this was saved: the connection to the database was lost at the last step. All "
    "of it was saved, or nothing: check before you send it again."
)
# What is not our fault, by the beginning of its SQLSTATE. No OperationalError is, either.
OUTAGES_BY_SQLSTATE = {
    "25006": "The database accepts no changes now; reading works. Nothing was changed; try again later.",
    "53100": "There is no space left to store anything. Nothing was changed; reading works.",
    "55P03": "Somebody else is changing this right now. Nothing was changed; try again.",
    "XX": "A part of the stored data cannot be read. Nothing was changed; the error was logged.",
}


def describe_outage(error: BaseException | None) -> str:
    """A sentence if the database cannot do its work; empty for everything else."""
    if isinstance(error, CommitLost):
        return COMMIT_UNKNOWN
    state = getattr(getattr(error, "__cause__", None), "sqlstate", None) or ""
    if isinstance(error, DatabaseError):
        for prefix, sentence in OUTAGES_BY_SQLSTATE.items():
            if state.startswith(prefix):
                return sentence
    return DATABASE_AWAY if isinstance(error, OperationalError) else ""
