"""Repeats actions that PostgreSQL cancelled in favour of another one.

A deadlock or a serialisation failure undoes the whole transaction, so the same action can run again. If the
last attempt fails, the response is a 503.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, models, transaction

RETRIES = 3
RETRYABLE_STATES = {"40001", "40P01"}  # serialization_failure, deadlock_detected

P = ParamSpec("P")
Result = TypeVar("Result")


def retry_on_deadlock(action: Callable[P, Result]) -> Callable[P, Result]:
    """Runs in one transaction and repeats it as a whole; inside another transaction it is part of that one.

    Each attempt gets the rows as they were passed in, so that the version seen stays the same. Raises
    OperationalError after the last attempt.
    """

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> Result:
        for retries_left in reversed(range(RETRIES + 1)):
            is_last = retries_left == 0 or connection.in_atomic_block
            try:
                with restore_on_error([*args, *kwargs.values()]), transaction.atomic():
                    return action(*args, **kwargs)
            except OperationalError as error:
                if is_last or getattr(error.__cause__, "sqlstate", None) not in RETRYABLE_STATES:
                    raise
        raise AssertionError("the last attempt returns or raises")

    return run


@contextmanager
def restore_on_error(values: list[Any]) -> Iterator[None]:
    """Resets the rows among the values if the block fails."""
    rows = [(value, dict(vars(value))) for value in values if isinstance(value, models.Model)]
    try:
        yield
    except OperationalError:
        for row, before in rows:
            vars(row).clear()
            vars(row).update(before)
        raise
