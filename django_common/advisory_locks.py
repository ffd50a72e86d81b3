"""Limits that hold exactly: one process at a time counts and adds."""

from enum import IntEnum

from django.db import connection


class Turn(IntEnum):
    """Numbers of the database's advisory locks."""

    WAITING = 7_202_001
    PINS = 7_202_002


def take_turn(turn: Turn) -> None:
    """Until the transaction ends nobody else has this turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [turn])
