"""What is deleted and what stays; a row's end is moved back behind its trigger."""

from datetime import timedelta

import pytest

from analytics_gateway import retention
from analytics_gateway.actions import cancel_analysis
from analytics_gateway.models import Analysis, AnalysisChart, Pin, ReportRun
from analytics_gateway.retention import prune
from tests.support.analyses import (
    HELPDESK,
    make_analysis,
    make_done,
    make_old,
    make_running,
    make_schedule,
    run_concurrently,
    shift_timestamps,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def left() -> set:
    return set(Analysis.objects.values_list("pk", flat=True))


def test_analysis_is_deleted_with_its_charts_30_days_after_its_end():
    old, young = make_old(make_done(), 31 * DAY), make_old(make_done(), 29 * DAY)
    make_old(cancel_analysis(make_analysis(), by=HELPDESK), 31 * DAY)
    assert prune() == 2
    assert left() == {young.pk}
    assert list(AnalysisChart.objects.values_list("pk", flat=True)) == [young.pk] != [old.pk]


def test_unfinished_analysis_is_retained_at_any_age():
    waiting, running = make_analysis(), make_running()
    for analysis in (waiting, running):
        shift_timestamps(analysis, 40 * DAY, "requested_at")
    assert prune() == 0
    assert left() == {waiting.pk, running.pk}


def test_reports_of_a_schedule_are_retained():
    schedule, report = make_schedule(), make_old(make_done(), 400 * DAY)
    ReportRun.objects.create(schedule=schedule, slot=schedule.created_at, analysis=report)
    assert prune() == 0
    assert left() == {report.pk}


def test_last_result_of_a_pin_is_retained():
    Pin.objects.create(service="unresolved", params={"period": "7d"})
    _before, last = make_old(make_done(), 50 * DAY), make_old(make_done(), 40 * DAY)
    make_old(make_done(service="ageing"), 40 * DAY)
    assert prune() == 2
    assert left() == {last.pk}


def test_updates_of_a_pin_are_deleted_after_a_day():
    make_old(make_done(is_for_pin=True), 1.1 * DAY)
    young, requested = make_old(make_done(is_for_pin=True), 0.9 * DAY), make_old(make_done(), 1.1 * DAY)
    assert prune() == 1
    assert left() == {young.pk, requested.pk}


def test_many_rows_are_deleted_in_batches(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        make_old(make_done(), 31 * DAY)
    assert prune() == 5
    assert left() == set()


@pytest.mark.django_db(transaction=True)
def test_parallel_pruning_deletes_each_row_once():
    for _ in range(6):
        make_old(make_done(), 31 * DAY)
    answers = run_concurrently(4, prune)
    assert (sum(answers), left()) == (6, set())
