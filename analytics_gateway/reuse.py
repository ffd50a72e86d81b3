"""Once is enough: an equal request on unchanged data is answered by the analysis that there is already.

At its start an analysis keeps the oldest transaction that was still running (the database's xmin). What
was written before is in its facts; what was written since is known by a newer change. So its answer
still holds as long as no change is as new as that token. The clock moves too, and with it some answers:
after a minute it is computed again.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from analytics_gateway.models import Analysis, State

LONGEST_REUSE = timedelta(seconds=60)


class SnapshotToken(models.Func):
    """The oldest transaction still running: every change before it is visible from now on."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = models.BigIntegerField()


def find_equal(service: str, params: dict[str, Any]) -> Analysis | None:
    """An analysis that answers this request as well as a new one would: waiting, running or done."""
    newest = import_string(settings.FACTS_NEWEST_CHANGE)()
    current = Q(state__in=[State.RUNNING, State.DONE], data_token__gt=newest)
    young = Q(started_at__gt=Now() - LONGEST_REUSE)
    same = Analysis.objects.filter(service=service, params=params)
    return same.filter(Q(state=State.QUEUED) | current & young).order_by("-requested_at").first()


def holds(analysis: Analysis) -> bool:
    """Whether no ticket has changed since its facts were read; where no token tells it, it is not said."""
    newest = import_string(settings.FACTS_NEWEST_CHANGE)()
    return analysis.data_token is not None and analysis.data_token > newest
