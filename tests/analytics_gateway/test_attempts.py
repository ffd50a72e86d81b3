from datetime import timedelta

import pytest
from django.db.models.functions import Now

from analytics_gateway.actions import cancel_analysis
from analytics_gateway.attempts import (
    fail_analysis,
    failing_if_invalid,
    record_progress,
    record_result,
    start_analysis,
)
from analytics_gateway.errors import AttemptNotRunning
from analytics_gateway.models import Analysis, AnalysisChart
from analytics_gateway.results import Result
from common.analysis_messages import AnalysisResult
from common.errors import Invalid
from tests.support.analyses import (
    HELPDESK,
    PNG,
    SVG,
    make_analysis,
    make_done,
    make_result,
    make_running,
    result_text,
    run_concurrently,
    shift_timestamps,
)

pytestmark = pytest.mark.django_db


def read() -> Result:
    return Result.read(result_text(), SVG, PNG)


def test_start_begins_one_attempt():
    analysis = start_analysis(make_analysis().pk, 1)
    assert (analysis.state, analysis.attempts) == ("running", 1)
    assert timedelta(seconds=18) < analysis.lease_until - analysis.started_at <= timedelta(seconds=20)


@pytest.mark.parametrize("attempt", [1, 3, 4])
def test_start_refuses_any_attempt_but_the_next(attempt):
    analysis = make_running()
    fail_analysis(analysis.pk, 1, "The API did not answer.", retry=True)
    with pytest.raises(AttemptNotRunning):
        start_analysis(analysis.pk, attempt)
    assert Analysis.objects.get().attempts == 1


def test_start_refuses_an_ended_analysis():
    with pytest.raises(AttemptNotRunning):
        start_analysis(make_done().pk, 2)


@pytest.mark.django_db(transaction=True)
def test_parallel_starts_have_one_winner():
    analysis = make_analysis()
    answers = run_concurrently(8, lambda: start_analysis(analysis.pk, 1))
    assert sum(isinstance(answer, Analysis) for answer in answers) == 1
    assert sum(isinstance(answer, AttemptNotRunning) for answer in answers) == 7


def test_progress_stores_the_phase_and_renews_the_lease():
    analysis = make_running()
    shift_timestamps(analysis, timedelta(seconds=15), "lease_until")
    record_progress(analysis.pk, 1, "computing")
    after = Analysis.objects.get()
    assert after.phase == "computing"
    assert after.lease_until > analysis.lease_until


def test_percent_is_retained_only_while_tickets_are_read():
    analysis = make_running()
    record_progress(analysis.pk, 1, "fetching", 40)
    record_progress(analysis.pk, 1, "fetching")
    assert Analysis.objects.get().percent == 40
    record_progress(analysis.pk, 1, "computing", 90)
    assert Analysis.objects.get().percent is None


@pytest.mark.parametrize(
    "end",
    [
        lambda analysis: fail_analysis(analysis.pk, 1, "No.", retry=True),
        lambda analysis: fail_analysis(analysis.pk, 1, "No.", retry=False),
        lambda analysis: record_result(analysis.pk, 1, read()),
        lambda analysis: cancel_analysis(analysis, by=HELPDESK),
    ],
)
def test_phase_and_percent_end_with_their_attempt(end):
    analysis = make_running()
    record_progress(analysis.pk, 1, "fetching", 40)
    end(analysis)
    after = Analysis.objects.get()
    assert (after.phase, after.percent) == ("", None)


@pytest.mark.parametrize("attempt", [1, 3])
def test_reports_for_another_attempt_change_nothing(attempt):
    analysis = make_running(attempt=2)
    for report in (
        lambda: record_progress(analysis.pk, attempt, "drawing"),
        lambda: record_result(analysis.pk, attempt, read()),
        lambda: fail_analysis(analysis.pk, attempt, "No.", retry=False),
        lambda: failing_if_invalid(analysis.pk, attempt).__enter__(),
    ):
        with pytest.raises(AttemptNotRunning):
            report()
    after = Analysis.objects.get()
    assert (after.state, after.attempts, after.phase) == ("running", 2, "")
    assert not AnalysisChart.objects.exists()


def test_result_is_stored_exactly_with_its_charts():
    analysis = make_running()
    record_result(analysis.pk, 1, read())
    after = Analysis.objects.get()
    assert after.state == "done"
    assert after.result == make_result()
    assert AnalysisResult.from_json(result_text()).to_dict() == after.result
    assert after.chart.svg.encode() == SVG
    assert bytes(after.chart.png) == PNG
    assert (after.lease_until, after.reason) == (None, "")


@pytest.mark.django_db(transaction=True)
def test_parallel_results_are_stored_once():
    analysis = make_running()
    answers = run_concurrently(8, lambda: record_result(analysis.pk, 1, read()))
    assert sum(answer is None for answer in answers) == 1
    assert AnalysisChart.objects.count() == 1


def test_result_of_a_cancelled_analysis_is_not_stored():
    analysis = make_running()
    Analysis.objects.update(state="cancelled", finished_at=Now(), lease_until=None)
    with pytest.raises(AttemptNotRunning):
        record_result(analysis.pk, 1, read())
    assert Analysis.objects.get().result is None


def test_invalid_result_fails_its_attempt_with_the_reason():
    analysis = make_running()
    with pytest.raises(Invalid), failing_if_invalid(analysis.pk, 1):
        Result.read(result_text(title=7), SVG, PNG)
    after = Analysis.objects.get()
    assert after.state == "failed"
    assert after.reason.startswith("The service sent an unreadable result. result: title")


def test_failure_ends_with_its_reason():
    analysis = make_running()
    fail_analysis(analysis.pk, 1, "The time zone is unknown.", retry=False)
    after = Analysis.objects.get()
    assert (after.state, after.reason) == ("failed", "The time zone is unknown.")
    assert after.finished_at


def test_temporary_failure_waits_for_the_next_attempt_unpublished():
    analysis = make_running(attempt=2)
    fail_analysis(analysis.pk, 2, "The API did not answer.", retry=True)
    after = Analysis.objects.get()
    assert (after.state, after.attempts, after.published_at) == ("queued", 2, None)
    assert after.reason == "The API did not answer."
    assert after.queued_at > analysis.queued_at


def test_third_failure_is_the_last():
    analysis = make_running(attempt=3)
    fail_analysis(analysis.pk, 3, "The API did not answer.", retry=True)
    assert Analysis.objects.get().state == "failed"


def test_long_reason_is_shortened():
    analysis = make_running()
    fail_analysis(analysis.pk, 1, "x" * 9999, retry=False)
    assert len(Analysis.objects.get().reason) == 500
