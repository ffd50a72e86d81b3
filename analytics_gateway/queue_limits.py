"""Limits of waiting analyses: of people and schedules together, and of one session."""

from django.conf import settings

from analytics_gateway.errors import TooManyAtOnce
from analytics_gateway.models import Analysis
from common.roles import Caller
from django_common.advisory_locks import AdvisoryLock, take_lock

MAX_WAITING = 100


def free_slots() -> int:
    """How many more may wait. Locked until the end of the transaction, so the limit is exact."""
    take_lock(AdvisoryLock.ANALYSIS_QUEUE)
    return max(0, MAX_WAITING - Analysis.objects.queued().count())


def require_below_limit(by: Caller) -> None:
    """Requests of pins and schedules do not count. Exact after `free_slots`. Raises TooManyAtOnce."""
    limit = settings.ANALYSES_AT_ONCE
    own = Analysis.objects.unfinished().filter(asked_in=by.session, is_for_pin=False, report_run__isnull=True)
    if limit is not None and own.count() >= limit:
        raise TooManyAtOnce(
            f"{limit} of your analyses are not finished. Wait for one of them or cancel one, then try again."
        )
