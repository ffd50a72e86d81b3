"""Access to PostgreSQL: bounded waits, and their one bypass for work that may take long."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout")


def is_read_only() -> bool:
    """Whether the database accepts no changes at the moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only') = 'on'")
        return bool(cursor.fetchone()[0])


@contextmanager
def unlimited_transaction() -> Iterator[None]:
    """One transaction without the limits that keep pages fast, for commands over all rows."""
    connection.ensure_connection()
    with connection.connection.with_timeout(None), transaction.atomic():
        with connection.cursor() as cursor:
            for limit in LIMITS:
                cursor.execute(f"SET LOCAL {limit} = 0")
        yield


@contextmanager
def unlimited_session() -> Iterator[None]:
    """The same for work in many transactions, such as a migration that builds an index over all rows."""
    connection.ensure_connection()
    try:
        with connection.connection.with_timeout(None):
            with connection.cursor() as cursor:
                for limit in LIMITS:
                    cursor.execute(f"SET {limit} = 0")
            yield
    finally:
        if connection.is_usable():  # the failure may have closed it
            with connection.cursor() as cursor:
                for limit in LIMITS:
                    cursor.execute(f"RESET {limit}")
