"""Every row of every table: whether something has changed, and how to undo changes."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


def digest() -> dict[str, str]:
    """Of each table's rows."""
    parts = [
        f"SELECT '{name}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"
        for name in connection.introspection.table_names()
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
