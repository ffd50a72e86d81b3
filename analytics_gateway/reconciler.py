"""Handles expired leases, lost messages and analyses that no worker takes. Safe to run concurrently."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from analytics_gateway.attempts import fail, requeue
from analytics_gateway.models import MAX_ATTEMPTS, Analysis, AnalysisQuerySet, State
from analytics_gateway.queue import publish_queued

log = logging.getLogger(__name__)

# With beat's 5 s still less than the 30 s in which everything is to recover.
REPUBLISH_AFTER = timedelta(seconds=20)
MAX_WAIT = timedelta(hours=1)

STOPPED = "The service stopped while computing."
GAVE_UP = f"The service stopped {MAX_ATTEMPTS} times while computing. There will be no further attempt."
NOT_PICKED_UP = "No worker picked it up within an hour. Run it again."


class ReconcileCounts(NamedTuple):
    requeued: int
    failed: int
    expired: int
    published: int


def reconcile() -> ReconcileCounts:
    expired_leases = Analysis.objects.running().filter(lease_until__lt=Now())
    counts = ReconcileCounts(
        failed=move_unlocked(expired_leases.filter(attempts=MAX_ATTEMPTS), lambda rows: fail(rows, GAVE_UP)),
        requeued=move_unlocked(
            expired_leases.filter(attempts__lt=MAX_ATTEMPTS), lambda rows: requeue(rows, STOPPED)
        ),
        expired=move_unlocked(Analysis.objects.queued().filter(queued_at__lt=Now() - MAX_WAIT), expire),
        published=publish_queued(Analysis.objects.filter(is_unpublished())),
    )
    if counts.requeued or counts.failed or counts.expired:
        log.warning("analyses whose worker stopped responding, or that no worker took: %s", counts)
    return counts


def is_unpublished() -> Q:
    """Never published, or so long ago that the message may be lost; a second message is harmless."""
    return Q(published_at__isnull=True) | Q(published_at__lt=Now() - REPUBLISH_AFTER)


def expire(rows: AnalysisQuerySet) -> int:
    return rows.update(state=State.EXPIRED, finished_at=Now(), reason=NOT_PICKED_UP)


def move_unlocked(rows: AnalysisQuerySet, move: Callable[[AnalysisQuerySet], int]) -> int:
    """Moves the rows that no other reconciler is moving right now."""
    with transaction.atomic():
        free = rows.select_for_update(skip_locked=True).values_list("pk", flat=True)
        return move(Analysis.objects.filter(pk__in=list(free)))
