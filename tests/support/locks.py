"""Locks in the database, for tests of what happens at the same time."""

from django.db import connection


def is_waiting() -> bool:
    """Whether a transaction waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone() != (0,)
