"""How many analyses there are, for monitoring."""

from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Now

from analytics_gateway.models import Analysis, State


def oldest_queued_seconds() -> float:
    """How long the oldest waiting one has waited; 0 if none is waiting."""
    waited = Analysis.objects.queued().aggregate(waited=Now() - Min("queued_at"))["waited"]
    return waited.total_seconds() if waited else 0.0


def count_by_state() -> dict[str, int]:
    """Of the retained analyses; a state without any counts 0."""
    rows = Analysis.objects.order_by().values_list("state").annotate(Count("pk"))
    return dict.fromkeys(State.values, 0) | dict(rows)


def count_failed_attempts() -> int:
    """Attempts of the retained analyses that ended without a result and were not cancelled."""
    rows = Analysis.objects.exclude(state=State.CANCELLED)
    good = Count("pk", filter=Q(state__in=[State.RUNNING, State.DONE]))
    return rows.aggregate(failed=Sum("attempts") - good)["failed"] or 0
