"""A check of the database that ends in time, whatever state the database is in."""

import logging
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from django.db import Error, OperationalError, connection

from common.timeouts import run_within

DEADLINE = 0.9  # seconds
# A standby and a read-only server accept no changes. PostgreSQL records pages with a wrong checksum.
STATE = """
SELECT current_setting('transaction_read_only') = 'off', NOT EXISTS (
    SELECT FROM pg_stat_database
    WHERE coalesce(datname, current_database()) = current_database()
      AND checksum_last_failure > now() - interval '1 hour')
"""

log = logging.getLogger(__name__)
Result = TypeVar("Result")


def query_within_deadline(read: Callable[[], Result]) -> Result | None:
    """The result of `read` on its own connection; None if the database does not respond in time."""

    def query() -> Result:
        try:
            connection.ensure_connection()
            with connection.connection.with_timeout(DEADLINE):
                return read()
        finally:
            connection.close()

    try:
        return run_within(DEADLINE, query)
    except (OperationalError, TimeoutError):
        return None
    except Error as error:
        log.error("the database refused the check", exc_info=error)
        return None


class DatabaseState(NamedTuple):
    """is_writable: whether it accepts changes. is_intact: no damaged page was found within the last hour."""

    is_writable: bool
    is_intact: bool


def read_state() -> DatabaseState:
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        return DatabaseState(*cursor.fetchone())
