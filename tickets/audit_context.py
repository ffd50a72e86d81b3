"""Who changes what, and why: triggers write it into the history."""

from django.db import connection

from common.roles import Caller


def set_audit_context(by: Caller, verb: str, reason: str = "") -> None:
    """Who changes what, for the history; stored in the database session until the end of the transaction."""
    write_audit_context(by.role, verb, reason, name=by.name, session=by.session)


def write_audit_context(role: str, verb: str, reason: str, *, name: str = "", session: str = "") -> None:
    """The same for a change without a caller."""
    names = ("campus.role", "campus.name", "campus.session", "campus.verb", "campus.reason")
    values = (role, name, session, verb, reason)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(names)),
            [part for pair in zip(names, map(str, values), strict=True) for part in pair],
        )
