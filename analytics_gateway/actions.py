"""Actions on analyses and schedules. Roles are checked here; a refused action changes nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from analytics_gateway.access import require_analyst
from analytics_gateway.errors import TooManySchedules, TooManyWaiting, WrongState
from analytics_gateway.models import NO_PHASE, Analysis, ReportSchedule, State
from analytics_gateway.queue import publish_queued
from analytics_gateway.queue_limits import MAX_WAITING, free_slots, require_below_limit
from analytics_gateway.result_cache import find_equal
from analytics_gateway.schedule_input import clean_recurrence
from analytics_gateway.scheduled_runs import make_reports
from analytics_workers.catalogue import clean_params
from common.errors import Invalid
from common.parameters import ParametersInvalid
from common.roles import Caller
from django_common.advisory_locks import AdvisoryLock, take_lock

log = logging.getLogger(__name__)

MAX_SCHEDULES = 100  # one page lists them all


def request_analysis(
    service: str, params: dict[str, Any], *, by: Caller, is_fresh: bool = False, is_for_pin: bool = False
) -> Analysis:
    """Stores the request and publishes it after the commit; a broker that is down does not refuse it.

    Returns an equal analysis that is still valid instead, unless `is_fresh`. Analyses `is_for_pin` are in no
    list of earlier results and are retained for one day only. Raises NotAllowed, Invalid with the fields
    named, TooManyAtOnce, TooManyWaiting.
    """
    require_analyst(by)
    cleaned = clean_request(service, params)
    with transaction.atomic():
        free = free_slots()  # one at a time from here on, so that simultaneous equal requests find each other
        equal = None if is_fresh else find_equal(service, cleaned)
        if equal:
            log.info("reusing analysis %s for this request", equal.pk)
            return equal if is_for_pin else unmark_pin_refresh(equal)
        if not is_for_pin:
            require_below_limit(by)
        if not free:
            raise TooManyWaiting(f"{MAX_WAITING} analyses are already waiting. Try again in a minute.")
        analysis = Analysis.objects.create(
            service=service, params=cleaned, is_for_pin=is_for_pin, **audit_fields(by)
        )
        transaction.on_commit(lambda: publish_queued(Analysis.objects.filter(pk=analysis.pk)))
    return analysis


def unmark_pin_refresh(analysis: Analysis) -> Analysis:
    """An update of a pin is listed and retained like any other analysis once a person requests the same."""
    if analysis.is_for_pin:
        Analysis.objects.filter(pk=analysis.pk).update(is_for_pin=False)
        analysis.is_for_pin = False
    return analysis


def clean_request(service: str, params: dict[str, Any]) -> dict[str, Any]:
    """Raises Invalid: unknown service, unknown, missing or bad parameter."""
    try:
        return clean_params(service, params)
    except ParametersInvalid as error:
        raise Invalid(error.errors) from error


def audit_fields(by: Caller) -> dict[str, str]:
    return {"asked_by_role": by.role, "asked_by_name": by.name, "asked_in": by.session}


def cancel_analysis(analysis: Analysis, *, by: Caller) -> Analysis:
    """Ends it without a result; a service that is computing it notices with its next report.

    Raises NotAllowed; WrongState if it has already ended.
    """
    require_analyst(by)
    rows = Analysis.objects.unfinished().filter(pk=analysis.pk)
    if not rows.update(state=State.CANCELLED, **NO_PHASE, lease_until=None, finished_at=Now()):
        raise WrongState("This analysis has already ended.")
    analysis.refresh_from_db()
    return analysis


@contextmanager
def collect_errors(errors: dict[str, list[str]]) -> Iterator[None]:
    """Collects the errors of all fields, so that one response names them all."""
    try:
        yield
    except Invalid as invalid:
        errors.update(invalid.errors)


def create_schedule(
    *,
    by: Caller,
    service: str,
    params: dict[str, Any],
    cadence: str,
    weekday: int | str | None = None,
    day_of_month: int | str | None = None,
    hour: int | str | None = None,
) -> ReportSchedule:
    """A report at every slot from now on. weekday: 0 is Monday; hour: campus time.

    An equal active schedule, as from a form sent twice, is returned instead. Raises NotAllowed, Invalid with
    the fields named, TooManySchedules.
    """
    require_analyst(by)
    errors: dict[str, list[str]] = {}
    with collect_errors(errors):
        cleaned = clean_request(service, params)
    with collect_errors(errors):
        recurrence = clean_recurrence(cadence, hour=hour, weekday=weekday, day_of_month=day_of_month)
    if errors:
        raise Invalid(errors)
    return store_schedule({"service": service, "params": cleaned} | asdict(recurrence), by=by)


def store_schedule(fields: dict[str, Any], *, by: Caller) -> ReportSchedule:
    """One at a time, so that simultaneous equal requests find each other and the limit is exact."""
    with transaction.atomic():
        take_lock(AdvisoryLock.SCHEDULES)
        equal = ReportSchedule.objects.active().filter(**fields).first()
        if equal:
            return equal
        if ReportSchedule.objects.not_deleted().count() >= MAX_SCHEDULES:
            raise TooManySchedules(
                f"{MAX_SCHEDULES} reports are already scheduled. Delete one that is no longer needed."
            )
        return ReportSchedule.objects.create(**fields, **audit_fields(by))


def pause_schedule(schedule: ReportSchedule, *, by: Caller) -> ReportSchedule:
    """Slots from now on are not due; reports that are already due are still made."""
    require_analyst(by)
    ReportSchedule.objects.active().filter(pk=schedule.pk).update(paused_at=Now())
    schedule.refresh_from_db()
    return schedule


def resume_schedule(schedule: ReportSchedule, *, by: Caller) -> ReportSchedule:
    """Slots from now on are due again; those of the pause are skipped."""
    require_analyst(by)
    with transaction.atomic():
        paused = ReportSchedule.objects.not_deleted().filter(pk=schedule.pk, paused_at__isnull=False)
        locked = paused.select_for_update().first()
        if locked:
            make_reports(locked)
            paused.update(paused_at=None, counts_from=Now())
    schedule.refresh_from_db()
    return schedule


def delete_schedule(schedule: ReportSchedule, *, by: Caller) -> None:
    """No slot is due any more. The row stays, and with it title and slot of every report it made."""
    require_analyst(by)
    ReportSchedule.objects.not_deleted().filter(pk=schedule.pk).update(deleted_at=Now())
