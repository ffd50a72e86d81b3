from datetime import timedelta

import pytest

from analytics_gateway.actions import cancel_analysis
from analytics_gateway.attempts import fail_analysis
from analytics_gateway.statistics import (
    count_by_state,
    count_failed_attempts,
    oldest_queued_seconds,
)
from tests.support.analyses import HELPDESK, make_analysis, make_done, make_running, shift_timestamps

pytestmark = pytest.mark.django_db


def test_oldest_wait_counts_from_queueing():
    assert oldest_queued_seconds() == 0
    shift_timestamps(make_running(), timedelta(hours=3), "queued_at")
    assert oldest_queued_seconds() == 0
    make_analysis()
    shift_timestamps(make_analysis(), timedelta(minutes=2), "queued_at")
    assert 120 <= oldest_queued_seconds() < 130


def test_every_state_is_counted():
    make_analysis()
    make_analysis()
    make_done()
    assert count_by_state() == {
        "queued": 2,
        "running": 0,
        "done": 1,
        "failed": 0,
        "expired": 0,
        "cancelled": 0,
    }


def test_attempts_without_a_result_are_counted():
    assert count_failed_attempts() == 0
    make_done()
    make_running(attempt=2)  # one failed, one runs
    given_up = make_running(attempt=3)
    fail_analysis(given_up.pk, 3, "No.", retry=True)  # three failed
    cancel_analysis(make_running(), by=HELPDESK)
    assert count_failed_attempts() == 4
