"""Conditions and bodies of database triggers, and the one way to bypass a trigger."""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.db import connection


def unless_bypassed(*switches: str, condition: str = "") -> pgtrigger.Condition:
    """A trigger's condition: no bypass is set, and `condition` (SQL over OLD and NEW) is true."""
    terms = [f"current_setting('{switch}', true) IS DISTINCT FROM 'on'" for switch in switches]
    return pgtrigger.Condition(" AND ".join(terms + ([f"({condition})"] if condition else [])))


def raise_violation(message: str) -> str:
    """The body of a trigger that refuses the change; Django raises an IntegrityError with the message."""
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation';"


@contextmanager
def bypass_trigger(switch: str) -> Iterator[None]:
    """Inside a transaction: the triggers that check `switch` let everything through.

    The setting ends with the transaction, so nothing has to be reset if the block fails.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [switch])
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'off', true)", [switch])
