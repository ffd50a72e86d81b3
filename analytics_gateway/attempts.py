"""What services report about an attempt. Each report is one conditional UPDATE: its row count decides.

A report for any other attempt than the running one raises AttemptNotRunning and changes nothing. Times are
the database's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Now, NullIf

from analytics_gateway.errors import AttemptNotRunning
from analytics_gateway.models import (
    MAX_ATTEMPTS,
    NO_PHASE,
    Analysis,
    AnalysisChart,
    Phase,
    State,
    campus_time_zone,
)
from analytics_gateway.result_cache import SnapshotToken
from analytics_gateway.results import Result
from common.errors import Invalid

MAX_REASON_LENGTH = 500
LEASE_SECONDS = 20


def lease_end() -> Any:
    """Until when an attempt is considered alive; each report extends it."""
    seconds = getattr(settings, "ANALYSIS_LEASE_SECONDS", LEASE_SECONDS)
    return Now() + timedelta(seconds=seconds)


def zone_or(default: str) -> Any:
    """The row's time zone; this one if an early release, which stored none, wrote the row."""
    return Coalesce(NullIf("time_zone", Value("")), Value(default))


def start_analysis(pk: UUID, attempt: int) -> Analysis:
    """Queued becomes running, for one caller only. The third attempt is the last."""
    rows = Analysis.objects.queued().filter(pk=pk, attempts=attempt - 1)
    changed = attempt <= MAX_ATTEMPTS and rows.update(
        state=State.RUNNING,
        **NO_PHASE,
        attempts=attempt,
        started_at=Now(),
        time_zone=zone_or(campus_time_zone()),
        lease_until=lease_end(),
        data_token=SnapshotToken(),
    )
    if not changed:
        raise AttemptNotRunning("This analysis is not waiting for this attempt.")
    return Analysis.objects.get(pk=pk)


def record_progress(pk: UUID, attempt: int, phase: str, percent: int | None = None) -> None:
    """`percent` (0 to 100) is the progress of fetching; a report without it keeps the last value.

    The other phases have none.
    """
    rows = Analysis.objects.attempted(attempt).filter(pk=pk)
    value = F("percent") if percent is None else percent
    stored = value if phase == Phase.FETCHING else None
    if not rows.update(phase=phase, percent=stored, lease_until=lease_end()):
        raise AttemptNotRunning


@contextmanager
def failing_if_invalid(pk: UUID, attempt: int) -> Iterator[str]:
    """For reading a result in the `with` block. Yields the time zone that it must use, empty if any. If the
    block raises Invalid, the attempt fails and Invalid is raised again."""
    time_zone = Analysis.objects.attempted(attempt).filter(pk=pk).values_list("time_zone", flat=True).first()
    if time_zone is None:
        raise AttemptNotRunning
    try:
        yield time_zone
    except Invalid as error:
        fail_analysis(pk, attempt, f"The service sent an unreadable result. {error}", retry=False)
        raise


def record_result(pk: UUID, attempt: int, result: Result) -> None:
    """Stores a result with its charts, all or nothing."""
    rows = Analysis.objects.attempted(attempt).filter(pk=pk)
    done = {"state": State.DONE, "result": result.data, "finished_at": Now(), "lease_until": None}
    with transaction.atomic():
        if not rows.update(**done, **NO_PHASE, reason="", time_zone=zone_or(result.time_zone)):
            raise AttemptNotRunning
        AnalysisChart.objects.create(analysis_id=pk, svg=result.svg, png=result.png)


def fail_analysis(pk: UUID, attempt: int, reason: str, *, retry: bool) -> None:
    """Ends the analysis with a reason; with `retry` it is queued for its next attempt if there is one left.

    The reconciler publishes that one at its next run, which gives the fault time to pass.
    """
    rows = Analysis.objects.attempted(attempt).filter(pk=pk)
    if retry and attempt < MAX_ATTEMPTS:
        changed = requeue(rows, reason[:MAX_REASON_LENGTH])
    else:
        changed = fail(rows, reason[:MAX_REASON_LENGTH])
    if not changed:
        raise AttemptNotRunning


def requeue(rows: Any, reason: str) -> int:
    return rows.update(
        state=State.QUEUED,
        **NO_PHASE,
        lease_until=None,
        published_at=None,
        queued_at=Now(),
        reason=reason,
    )


def fail(rows: Any, reason: str) -> int:
    return rows.update(state=State.FAILED, **NO_PHASE, lease_until=None, finished_at=Now(), reason=reason)
