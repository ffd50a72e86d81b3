"""What the database could not do, in words for the person who asked."""

from django.db import DatabaseError, OperationalError

from django_common.database.base import CommitLost

DATABASE_AWAY = "The database does not answer. Nothing was changed; try again in a moment."
COMMIT_UNKNOWN = (
    "It is not known whether this was saved: the database was lost at the last step. All of it was saved, or "
    "nothing: look before you send it again."
)
# What is no fault of ours, by the beginning of its SQLSTATE. Every OperationalError is none, either.
OUTAGES_BY_SQLSTATE = {
    "25006": "The database takes no changes at the moment; reading works. Nothing was changed; try later.",
    "53100": "There is no room left to store anything. Nothing was changed; reading works.",
    "55P03": "Somebody else is changing this at the moment. Nothing was changed; try again.",
    "XX": "A part of what is stored cannot be read. Nothing was changed; the fault was logged.",
}


def describe_outage(error: BaseException | None) -> str:
    """A sentence where the database cannot do what it is there for; empty for everything else."""
    if isinstance(error, CommitLost):
        return COMMIT_UNKNOWN
    state = getattr(getattr(error, "__cause__", None), "sqlstate", None) or ""
    if isinstance(error, DatabaseError):
        for prefix, sentence in OUTAGES_BY_SQLSTATE.items():
            if state.startswith(prefix):
                return sentence
    return DATABASE_AWAY if isinstance(error, OperationalError) else ""
