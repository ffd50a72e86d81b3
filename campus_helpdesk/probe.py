"""A look at the database that ends in time, whatever the database does."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import Error, OperationalError, connection

from analytics_gateway.deadline import answer_within

DEADLINE = 0.9  # seconds; with the broker's 0.7 within two

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


def ask_database(read: Callable[[], Answer]) -> Answer | None:
    """What `read` answers on a connection of its own; None where the database does not answer in time."""

    def look() -> Answer:
        try:
            connection.ensure_connection()
            with connection.connection.waiting(DEADLINE):
                return read()
        finally:
            connection.close()

    try:
        return answer_within(DEADLINE, look)
    except (OperationalError, TimeoutError):
        return None
    except Error as error:
        log.error("the database refused a look at it", exc_info=error)
        return None


def ping() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True
