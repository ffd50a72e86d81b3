from datetime import timedelta

import pytest
from django.db.models.functions import Now

from analytics_gateway.actions import delete_schedule, pause_schedule, resume_schedule
from analytics_gateway.heartbeats import broker_key
from analytics_gateway.models import Analysis, ReportRun, ReportSchedule
from analytics_gateway.queue_limits import MAX_WAITING
from analytics_gateway.scheduled_runs import database_now, find_due_slots, make_due_reports
from tests.support.analyses import HELPDESK, make_schedule, run_concurrently

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def begun(days: float, **fields) -> ReportSchedule:
    """A schedule that counts from that many days ago."""
    schedule = make_schedule(**fields)
    ReportSchedule.objects.filter(pk=schedule.pk).update(counts_from=Now() - days * DAY)
    schedule.refresh_from_db()
    return schedule


def test_new_schedule_has_no_due_reports():
    make_schedule()
    assert make_due_reports() == 0


def test_late_reports_are_made_once_per_slot():
    schedule = begun(days=20)
    owed = find_due_slots(schedule)
    assert len(owed) == 20
    assert make_due_reports() == 20
    assert make_due_reports() == 0
    assert [run.slot for run in schedule.runs.order_by("slot")] == owed
    assert Analysis.objects.queued().count() == 20


def test_report_has_the_request_of_its_schedule():
    begun(days=1.01, service="unresolved", params={"period": "7d"}, asked_by_name="Hedda")
    make_due_reports()
    analysis = Analysis.objects.get()
    assert (analysis.service, analysis.params) == ("unresolved", {"period": "7d"})
    assert (analysis.asked_by_role, analysis.asked_by_name) == ("helpdesk", "Hedda")
    assert analysis.report_run.slot <= analysis.requested_at


def test_report_is_published_once_it_is_committed(valkey, django_capture_on_commit_callbacks):
    begun(days=1.01)
    with django_capture_on_commit_callbacks(execute=True):
        make_due_reports()
    assert valkey.llen(broker_key("analytics.active-by-category")) == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_beats_make_each_slot_once(valkey):
    schedule = begun(days=20)
    made = run_concurrently(3, make_due_reports)
    assert sum(made) == 20
    assert ReportRun.objects.count() == Analysis.objects.count() == 20
    assert schedule.runs.values("slot").distinct().count() == 20


def test_paused_schedule_still_makes_earlier_due_reports():
    schedule = begun(days=3.01)
    pause_schedule(schedule, by=HELPDESK)
    assert make_due_reports() == 3
    ReportSchedule.objects.update(paused_at=Now() + 3 * DAY)
    schedule.refresh_from_db()
    assert len(find_due_slots(schedule)) == 3


def test_slots_of_a_pause_are_skipped():
    schedule = begun(days=9)
    ReportSchedule.objects.update(paused_at=Now() - 5 * DAY)
    resume_schedule(schedule, by=HELPDESK)
    assert schedule.runs.count() == 4
    assert make_due_reports() == 0
    assert all(run.slot < database_now() - 5 * DAY for run in schedule.runs.all())


def test_deleted_schedule_makes_no_reports_and_keeps_its_earlier_ones():
    schedule = begun(days=2.01)
    make_due_reports()
    ReportSchedule.objects.update(counts_from=Now() - 9 * DAY)
    delete_schedule(schedule, by=HELPDESK)
    assert make_due_reports() == 0
    assert ReportRun.objects.count() == 2


def test_full_queue_delays_reports_and_loses_none():
    rows = [Analysis(service="unresolved", asked_by_role="helpdesk") for _ in range(MAX_WAITING - 1)]
    Analysis.objects.bulk_create(rows)
    begun(days=3.01)
    assert make_due_reports() == 1
    assert make_due_reports() == 0
    Analysis.objects.queued().update(state="cancelled", finished_at=Now())
    assert make_due_reports() == 2
    assert ReportRun.objects.count() == 3


def test_slots_are_hours_of_campus_time(settings):
    settings.CAMPUS_TIME_ZONE = "Asia/Kathmandu"
    slots = find_due_slots(begun(days=2.01))
    assert {(slot.hour, slot.minute) for slot in slots} == {(1, 15)}
