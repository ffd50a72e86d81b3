from datetime import timedelta

import pytest
from celery import current_app
from django.db.models.functions import Now

from analytics_gateway.heartbeats import broker_key
from analytics_gateway.models import Analysis, ReportRun, ReportSchedule
from analytics_gateway.tasks import prune_analyses, reconcile_analyses, run_due_reports
from tests.support.analyses import make_analysis, make_done, make_old, make_schedule

DAY = timedelta(days=1)


def test_scheduled_tasks_exist():
    current_app.loader.import_default_modules()  # as a worker does when it starts
    for entry in current_app.conf.beat_schedule.values():
        assert entry["task"] in current_app.tasks


@pytest.mark.django_db
def test_reconcile_task_publishes_waiting_analyses(valkey):
    make_analysis()
    reconcile_analyses()
    assert valkey.llen(broker_key("analytics.unresolved")) == 1
    assert Analysis.objects.get().published_at


@pytest.mark.django_db
def test_report_task_makes_due_reports(valkey):
    make_schedule()
    ReportSchedule.objects.update(counts_from=Now() - 1.01 * DAY)
    run_due_reports()
    run_due_reports()
    assert ReportRun.objects.count() == 1


@pytest.mark.django_db
def test_pruning_task_deletes_old_analyses():
    make_old(make_done(), 31 * DAY)
    prune_analyses()
    assert not Analysis.objects.exists()
