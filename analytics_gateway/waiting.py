"""How many analyses may wait at once, for people and schedules together."""

from django.db import connection

from analytics_gateway.models import Analysis

MAX_WAITING = 100
LOCK = 7_202_001  # an advisory lock of the database: one process at a time counts and adds


def count_room() -> int:
    """How many more may wait. Until the transaction ends nobody else counts, so the limit is exact."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    return max(0, MAX_WAITING - Analysis.objects.queued().count())
