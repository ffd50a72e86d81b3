"""Scheduled reports: each due slot becomes one analysis, once, however many processes run this."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from analytics_gateway.models import Analysis, ReportRun, ReportSchedule
from analytics_gateway.queue import publish_queued
from analytics_gateway.queue_limits import free_slots
from analytics_gateway.recurrence import slots_between


def database_now() -> datetime:
    """The time of the database: the clocks of machines may differ."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cursor.fetchone()[0]


def find_due_slots(schedule: ReportSchedule) -> list[datetime]:
    """The slots that have passed and have no run yet, oldest first; none after a pause.

    Runs are made in order, so the last one shows where to continue.
    """
    last = schedule.runs.aggregate(last=Max("slot"))["last"]
    after = max(filter(None, [schedule.counts_from, last]))
    until = schedule.paused_at or database_now()
    return slots_between(schedule.recurrence, after, until, settings.CAMPUS_TIME_ZONE)


def make_due_reports() -> int:
    """Makes the due reports of all schedules and returns how many."""
    return sum(make_reports(schedule) for schedule in ReportSchedule.objects.not_deleted())


def make_reports(schedule: ReportSchedule) -> int:
    """Makes the due reports of one schedule. If the queue is full they stay due."""
    slots = find_due_slots(schedule)
    if not slots:
        return 0
    with transaction.atomic():
        runs = claim_runs(schedule, slots[: free_slots()])
        Analysis.objects.bulk_create(make_analysis(schedule, run) for run in runs)
        ids = [run.analysis_id for run in runs]
        transaction.on_commit(lambda: publish_queued(Analysis.objects.filter(pk__in=ids)))
    return len(runs)


def claim_runs(schedule: ReportSchedule, slots: list[datetime]) -> list[ReportRun]:
    """The runs that this process makes: if several insert the same slot, the unique row lets one in."""
    new_runs = [ReportRun(schedule=schedule, slot=slot, analysis_id=uuid4()) for slot in slots]
    ReportRun.objects.bulk_create(new_runs, ignore_conflicts=True)
    return list(ReportRun.objects.filter(analysis_id__in=[run.analysis_id for run in new_runs]))


def make_analysis(schedule: ReportSchedule, run: ReportRun) -> Analysis:
    return Analysis(
        id=run.analysis_id,
        service=schedule.service,
        params=schedule.params,
        asked_by_role=schedule.asked_by_role,
        asked_by_name=schedule.asked_by_name,
        asked_in=schedule.asked_in,
    )
