"""Integrity rules of the rows, whatever wrote them and whatever failed in between. Reads only.

docs/reliability.md lists them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection

from campus_helpdesk.operations.integrity.python_checks import PYTHON_CHECKS, PythonCheck
from campus_helpdesk.operations.integrity.sql_checks import SQL_CHECKS
from django_common.advisory_locks import AdvisoryLock, wait_for_session_lock
from django_common.database import unlimited_transaction

SHOWN = 5

# The check needs long queries over all rows in one transaction; the memory is for their sorts.
SETTINGS = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL work_mem = '64MB';
"""


@dataclass(frozen=True)
class Finding:
    """One rule: how many rows violate it, and the first of them."""

    number: int
    name: str
    violations: int
    ids: list[Any]

    def __str__(self) -> str:
        ids = ", ".join(map(str, self.ids))
        return f"{self.number:>2}  {self.name:44} {self.violations:>9,}" + (f"  {ids}" if ids else "")


@contextmanager
def one_snapshot() -> Iterator[None]:
    """All findings are of one snapshot, even during writes; no photo's file is deleted meanwhile. Not inside
    another transaction."""
    with wait_for_session_lock(AdvisoryLock.PHOTO_FILES), unlimited_transaction():
        with connection.cursor() as cursor:
            cursor.execute(SETTINGS)
        yield


def check_integrity() -> Iterator[Finding]:
    """Every rule in the order of its number, violated or not."""
    table: list[tuple[int, str, str | PythonCheck]] = [*SQL_CHECKS, *PYTHON_CHECKS]
    for number, name, check in sorted(table, key=lambda row: row[0]):
        yield Finding(
            number, name, *(run_query(check) if isinstance(check, str) else run_python_check(check))
        )


def run_query(query: str) -> tuple[int, list[Any]]:
    """How many rows a query finds, and the first ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) OVER (), id FROM ({query}) AS violation (id) ORDER BY id LIMIT {SHOWN}"
        )
        rows = cursor.fetchall()
    return (rows[0][0] if rows else 0), [identity for _count, identity in rows]


def run_python_check(check: PythonCheck) -> tuple[int, list[Any]]:
    violations = check()
    first = list(islice(violations, SHOWN))
    return len(first) + sum(1 for _ in violations), first
