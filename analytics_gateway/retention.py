"""Deletes old results: 30 days after its end an analysis is deleted with its charts, after one day if it was
requested only to refresh a pin.

Results of schedules and the last result of each pin are retained. Safe to run concurrently.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from analytics_gateway.models import Analysis, AnalysisQuerySet, Pin, ReportRun

RETENTION = timedelta(days=30)
PIN_RETENTION = timedelta(days=1)  # a busy desk requests thousands of them a day
BATCH = 100  # with their charts about ten MB per transaction


def prune() -> int:
    """Deletes what is old and returns how many."""
    total = 0
    while count := prune_batch():
        total += count
    return total


def prune_batch() -> int:
    """Skips rows that another process is deleting."""
    with transaction.atomic():
        free = find_old().select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH]
        ids = list(free)
        Analysis.objects.filter(pk__in=ids).defer("result").delete()
    return len(ids)


def find_old() -> AnalysisQuerySet:
    scheduled = ReportRun.objects.filter(analysis=OuterRef("pk"))
    pinned = [pin.done_id for pin in Pin.objects.answered() if pin.done_id]
    was_for_pin = Q(is_for_pin=True, finished_at__lt=Now() - PIN_RETENTION)
    old = Analysis.objects.filter(Q(finished_at__lt=Now() - RETENTION) | was_for_pin)
    return old.exclude(Exists(scheduled)).exclude(pk__in=pinned)
