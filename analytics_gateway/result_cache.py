"""Reuses an existing analysis for an equal request on unchanged data.

At its start an analysis stores the oldest transaction that is still running (the database's xmin). Everything
written before that transaction is in its facts. So its result is valid as long as no change is as new as that
token. Most results also depend on the time: those are computed again after a minute. Equal requests have the
same campus time zone.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from analytics_gateway.models import Analysis, State
from analytics_workers.catalogue import SERVICES
from common import __version__

MAX_REUSE = timedelta(seconds=60)


class SnapshotToken(models.Func):
    """The oldest transaction still running: every change before it is visible from now on."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = models.BigIntegerField()


class IsOwnToken(models.Func):
    """Not newer than the transaction that wrote its row. A backup of another server brings tokens that this
    server's transaction counter has not reached: changes made here would look older than they are."""

    template = "(data_token & 4294967295) <= xmin::text::bigint"
    output_field = models.BooleanField()


_newest_change: dict[str, Callable[[], int]] = {}


def register_newest_change(read: Callable[[], int]) -> None:
    """Registers how to read the number of the newest change to the facts: this app knows no tickets."""
    _newest_change["read"] = read


def is_current() -> Q:
    """Whether no ticket has changed since the facts were read; false without a token."""
    return Q(data_token__gt=_newest_change["read"]()) & Q(IsOwnToken())


def find_equal(service: str, params: dict[str, Any]) -> Analysis | None:
    """An analysis whose result is as good as a new one's: waiting, running or done."""
    reusable = Q(state__in=[State.RUNNING, State.DONE]) & is_current()
    if SERVICES[service].depends_on_time:
        reusable &= Q(started_at__gt=Now() - MAX_REUSE)
    equal_requests = Analysis.objects.equal_to(service, params)
    equal = equal_requests.filter(Q(state=State.QUEUED) | reusable).order_by("-requested_at").first()
    return equal if equal and has_current_code(equal) else None


def has_current_code(analysis: Analysis) -> bool:
    """A new release may count differently. An unfinished analysis will be computed by the current one; a
    damaged result is not reused."""
    result: Any = analysis.result
    if result is None:
        return not analysis.is_final
    return result["lineage"]["code_version"] == __version__


def is_still_current(analysis: Analysis) -> bool:
    """Whether no ticket has changed since the analysis read them."""
    return Analysis.objects.filter(is_current(), pk=analysis.pk).exists()
