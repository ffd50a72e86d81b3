from datetime import timedelta

import pytest
from django.db import connections, transaction

from analytics_gateway.attempts import start_analysis
from analytics_gateway.heartbeats import broker_key
from analytics_gateway.models import Analysis
from analytics_gateway.reconciler import ReconcileCounts, reconcile
from tests.support.analyses import (
    make_analysis,
    make_done,
    make_running,
    run_concurrently,
    shift_timestamps,
)

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def test_unpublished_analysis_is_published_once(valkey):
    make_analysis()
    assert reconcile() == ReconcileCounts(requeued=0, failed=0, expired=0, published=1)
    assert reconcile().published == 0
    assert valkey.llen(broker_key("analytics.unresolved")) == 1


def test_message_that_may_be_lost_is_published_again(valkey):
    make_analysis()
    reconcile()
    valkey.flushdb()
    shift_timestamps(Analysis.objects.get(), timedelta(seconds=15), "published_at")
    assert reconcile().published == 0
    shift_timestamps(Analysis.objects.get(), timedelta(seconds=5), "published_at")
    assert reconcile().published == 1
    assert valkey.llen(broker_key("analytics.unresolved")) == 1


def test_running_analysis_with_a_lease_is_unchanged(valkey):
    make_running()
    make_done()
    assert reconcile() == ReconcileCounts(0, 0, 0, 0)


def test_analysis_of_a_lost_worker_gets_its_next_attempt(valkey):
    analysis = make_running()
    shift_timestamps(analysis, MINUTE, "lease_until")
    assert reconcile() == ReconcileCounts(requeued=1, failed=0, expired=0, published=1)
    after = start_analysis(analysis.pk, 2)
    assert (after.attempts, after.state) == (2, "running")


def test_third_lost_worker_fails_the_analysis(valkey):
    shift_timestamps(make_running(attempt=3), MINUTE, "lease_until")
    assert reconcile() == ReconcileCounts(requeued=0, failed=1, expired=0, published=0)
    after = Analysis.objects.get()
    assert after.state == "failed"
    assert after.reason == "The service stopped 3 times while computing. There will be no further attempt."


def test_analysis_that_no_worker_picks_up_expires(valkey):
    shift_timestamps(make_analysis(), 61 * MINUTE, "queued_at")
    shift_timestamps(make_analysis(), 59 * MINUTE, "queued_at")
    assert reconcile().expired == 1
    expired = Analysis.objects.get(state="expired")
    assert expired.reason == "No worker picked it up within an hour. Run it again."


def make_silent(attempt: int) -> None:
    shift_timestamps(make_running(attempt), MINUTE, "lease_until")


@pytest.mark.parametrize(
    ("make", "logged"),
    [
        (lambda: make_silent(1), "requeued=1, failed=0, expired=0"),
        (lambda: make_silent(3), "requeued=0, failed=1, expired=0"),
        (
            lambda: shift_timestamps(make_analysis(), 61 * MINUTE, "queued_at"),
            "requeued=0, failed=0, expired=1",
        ),
        (make_analysis, ""),
    ],
)
def test_repairs_are_logged(valkey, caplog, make, logged):
    make()
    reconcile()
    lines = [line.getMessage() for line in caplog.records if line.name == "analytics_gateway.reconciler"]
    assert [logged in line for line in lines] == ([True] if logged else [])


def test_analysis_of_a_removed_service_is_not_published_and_expires(valkey):
    analysis = make_analysis("weather")
    assert reconcile().published == 0
    shift_timestamps(analysis, 61 * MINUTE, "queued_at")
    assert reconcile().expired == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_reconcilers_publish_each_analysis_once(valkey):
    for _ in range(12):
        make_analysis()
    shift_timestamps(make_running(), MINUTE, "lease_until")
    reports = run_concurrently(4, reconcile)
    assert sum(report.published for report in reports) == 13
    assert sum(report.requeued for report in reports) == 1
    assert valkey.llen(broker_key("analytics.unresolved")) == 13


@pytest.mark.django_db(transaction=True)
def test_rows_locked_by_another_process_are_skipped(valkey):
    make_analysis()
    shift_timestamps(make_running(), MINUTE, "lease_until")
    with transaction.atomic():
        list(Analysis.objects.select_for_update())
        assert run_concurrently(1, reconcile) == [ReconcileCounts(0, 0, 0, 0)]
    connections.close_all()
    assert reconcile() == ReconcileCounts(requeued=1, failed=0, expired=0, published=2)
