"""All rows of all tables: detecting changes, and undoing them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


def digest() -> dict[str, str]:
    """A hash of each table's rows."""
    parts = [
        f"SELECT '{name}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"
        for name in connection.introspection.table_names()
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


@contextmanager
def rolled_back() -> Iterator[None]:
    """Rolls back all changes made inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
