"""Counters in PostgreSQL: all processes share the rows, and one statement decides, so limits are exact.

A permit is taken before the action and returned if the action was refused. A minute starts with the first
permit taken in it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from campus_helpdesk.middleware.throttling.models import RateWindow

SECONDS = 60
RETENTION = timedelta(days=1)
# Every action's rows in one order, session before address, so that no two actions block each other.
# A bucket in the future was started before the clock went back; it has also ended.
TAKE = """
INSERT INTO campus_helpdesk_ratewindow AS w (key, started_at, count, most) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    started_at = CASE WHEN {has_ended} THEN excluded.started_at ELSE w.started_at END,
    count = CASE WHEN {has_ended} THEN 1 ELSE w.count + 1 END,
    most = excluded.most
WHERE {has_ended} OR w.count < excluded.most
RETURNING key, started_at
"""
ROW = "(%s, statement_timestamp(), 1, %s)"
HAS_ENDED = (
    f"w.started_at NOT BETWEEN excluded.started_at - interval '{SECONDS} s'"
    f" AND excluded.started_at + interval '{SECONDS} s'"
)
WAIT = """
SELECT ceil(max(extract(epoch FROM started_at - statement_timestamp()) + %s))::int
FROM campus_helpdesk_ratewindow WHERE key = ANY(%s) AND count >= most
"""
COPY = """
INSERT INTO campus_helpdesk_ratewindow (key, started_at, count, most)
SELECT %s, started_at, count, most FROM campus_helpdesk_ratewindow WHERE key = %s
ON CONFLICT (key) DO NOTHING
"""

Permits = dict[str, datetime]  # the bucket's key -> when it was started


class RateExceeded(Exception):
    """No permit is left. seconds: until there is one, 1 to 60."""

    def __init__(self, seconds: int):
        super().__init__(seconds)
        self.seconds = seconds


def take_permits(limits: Mapping[str, int]) -> Permits:
    """One permit from each bucket, or from none. limits: key -> size. Raises RateExceeded."""
    statement = TAKE.format(rows=", ".join([ROW] * len(limits)), has_ended=HAS_ENDED)
    with connection.cursor() as cursor:
        with transaction.atomic():
            cursor.execute(statement, [part for pair in limits.items() for part in pair])
            permits = dict(cursor.fetchall())
            transaction.set_rollback(len(permits) < len(limits))
        if len(permits) < len(limits):
            cursor.execute(WAIT, [SECONDS, list(limits)])
            raise RateExceeded(min(max(cursor.fetchone()[0] or 1, 1), SECONDS))
    return permits


def return_permits(permits: Permits) -> None:
    """One bucket at a time: no transaction holds one row while it waits for another."""
    for key, started_at in permits.items():
        window = RateWindow.objects.filter(key=key, started_at=started_at)
        if not window.filter(count=1).delete()[0]:
            window.update(count=F("count") - 1)


def copy_bucket(old: str, new: str) -> None:
    """The new bucket starts with the count of the old one."""
    with connection.cursor() as cursor:
        cursor.execute(COPY, [new, old])


def prune_buckets() -> int:
    """Deletes buckets that ended long ago and returns how many."""
    return RateWindow.objects.filter(started_at__lt=Now() - RETENTION).delete()[0]
