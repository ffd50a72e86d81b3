"""The way to PostgreSQL: no wait without end, and one door for work that may take long."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def long_work() -> Iterator[None]:
    """One transaction without the limits that keep a page quick: for commands over all rows."""
    connection.ensure_connection()
    with connection.connection.waiting(None), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield
