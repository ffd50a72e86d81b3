import pytest

from analytics_gateway.actions import (
    MAX_SCHEDULES,
    cancel_analysis,
    create_schedule,
    delete_schedule,
    pause_schedule,
    request_analysis,
    resume_schedule,
)
from analytics_gateway.errors import TooManySchedules, TooManyWaiting, WrongState
from analytics_gateway.heartbeats import broker_key
from analytics_gateway.models import Analysis, ReportSchedule
from analytics_gateway.queue_limits import MAX_WAITING
from common.errors import Invalid, NotAllowed
from common.roles import Caller, Role
from tests.support.analyses import (
    HELPDESK,
    USER,
    make_analysis,
    make_done,
    make_running,
    make_schedule,
    run_concurrently,
)

SERVICE = Caller(Role.HELPDESK, name="analytics-worker", scope="tickets:read")


@pytest.mark.django_db
class TestRequest:
    def test_request_is_stored_and_published_once_it_is_committed(
        self, valkey, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            analysis = request_analysis("unresolved", {"period": "24h"}, by=HELPDESK)
            assert valkey.llen(broker_key("analytics.unresolved")) == 0
        analysis.refresh_from_db()
        assert valkey.llen(broker_key("analytics.unresolved")) == 1
        assert (analysis.state, analysis.attempts, analysis.params) == ("queued", 0, {"period": "24h"})
        assert (analysis.asked_by_role, analysis.asked_by_name) == ("helpdesk", "Hedda")
        assert analysis.published_at > analysis.requested_at

    @pytest.mark.parametrize("caller", [USER, SERVICE])
    def test_only_the_helpdesk_may_request(self, caller):
        with pytest.raises(NotAllowed):
            request_analysis("active-by-category", {}, by=caller)
        assert not Analysis.objects.exists()

    @pytest.mark.parametrize(
        ("service", "params", "named"),
        [
            ("weather", {}, {"service"}),
            (None, {}, {"service"}),
            (["unresolved"], {}, {"service"}),
            ("unresolved", {}, {"period"}),
            ("unresolved", {"period": "0h"}, {"period"}),
            ("unresolved", {"period": "7d", "colour": "red"}, {"colour"}),
            ("active-by-category", {"period": "7d"}, {"period"}),
            ("resolution-time", {"from": "2026-13", "until": 7}, {"from", "until"}),
        ],
    )
    def test_bad_request_names_its_fields_and_stores_nothing(self, service, params, named):
        with pytest.raises(Invalid) as refusal:
            request_analysis(service, params, by=HELPDESK)
        assert set(refusal.value.errors) == named
        assert not Analysis.objects.exists()

    def test_full_queue_refuses_the_request(self):
        rows = [Analysis(service="unresolved", asked_by_role="helpdesk") for _ in range(MAX_WAITING)]
        Analysis.objects.bulk_create(rows)
        with pytest.raises(TooManyWaiting) as refusal:
            request_analysis("active-by-category", {}, by=HELPDESK)
        assert refusal.value.status == 503
        assert Analysis.objects.count() == MAX_WAITING


@pytest.mark.django_db(transaction=True)
def test_limit_is_exact_under_parallel_requests(valkey):
    rows = [Analysis(service="unresolved", asked_by_role="helpdesk") for _ in range(MAX_WAITING - 3)]
    Analysis.objects.bulk_create(rows)
    answers = run_concurrently(
        8, lambda: request_analysis("active-by-category", {}, by=HELPDESK, is_fresh=True)
    )
    assert sum(isinstance(answer, Analysis) for answer in answers) == 3
    assert sum(isinstance(answer, TooManyWaiting) for answer in answers) == 5
    assert Analysis.objects.queued().count() == MAX_WAITING


@pytest.mark.django_db
class TestCancel:
    @pytest.mark.parametrize("make", [make_analysis, make_running])
    def test_cancel_ends_waiting_and_running_analyses(self, make):
        analysis = cancel_analysis(make(), by=HELPDESK)
        assert analysis.state == "cancelled"
        assert analysis.finished_at

    def test_cancel_refuses_an_ended_analysis(self):
        done = make_done()
        with pytest.raises(WrongState):
            cancel_analysis(done, by=HELPDESK)
        assert Analysis.objects.get().state == "done"

    def test_only_the_helpdesk_may_cancel(self):
        with pytest.raises(NotAllowed):
            cancel_analysis(make_analysis(), by=USER)
        assert Analysis.objects.get().state == "queued"


@pytest.mark.django_db
class TestSchedule:
    def test_schedule_is_stored_with_cleaned_fields(self):
        made = create_schedule(
            by=HELPDESK,
            service="resolution-time",
            params={"months": "12"},
            cadence="weekly",
            weekday="0",
            day_of_month="",
            hour="7",
        )
        schedule = ReportSchedule.objects.get(pk=made.pk)
        assert schedule.params == {"months": 12}
        assert str(schedule) == "Every Monday at 07:00: Resolution time, by month opened"
        assert schedule.asked_by_name == "Hedda"

    def test_equal_schedule_is_returned(self):
        weekly = {"service": "resolution-time", "cadence": "weekly", "weekday": 0, "hour": 7}
        made = create_schedule(by=HELPDESK, params={"months": "12"}, **weekly)
        assert create_schedule(by=HELPDESK, params={"months": "12"}, **weekly) == made
        assert create_schedule(by=HELPDESK, params={"months": "6"}, **weekly) != made
        pause_schedule(made, by=HELPDESK)
        assert create_schedule(by=HELPDESK, params={"months": "12"}, **weekly) != made

    def test_bad_schedule_names_all_wrong_fields(self):
        with pytest.raises(Invalid) as refusal:
            create_schedule(by=HELPDESK, service="unresolved", params={}, cadence="monthly", hour=25)
        assert set(refusal.value.errors) == {"period", "hour", "day_of_month"}
        assert not ReportSchedule.objects.exists()

    def test_schedule_above_the_limit_is_refused_until_one_is_deleted(self):
        schedules = [make_schedule() for _ in range(MAX_SCHEDULES)]
        delete_schedule(make_schedule(), by=HELPDESK)
        daily = {"service": "active-by-category", "params": {}, "cadence": "daily", "hour": 8}
        with pytest.raises(TooManySchedules, match="100 reports are already scheduled"):
            create_schedule(by=HELPDESK, **daily)
        assert ReportSchedule.objects.not_deleted().count() == MAX_SCHEDULES
        delete_schedule(schedules[0], by=HELPDESK)
        assert create_schedule(by=HELPDESK, **daily).pk

    def test_equal_schedule_is_returned_at_the_limit(self):
        schedules = [make_schedule(hour=number % 24) for number in range(MAX_SCHEDULES)]
        daily = {"service": "active-by-category", "params": {}, "cadence": "daily", "hour": 7}
        assert create_schedule(by=HELPDESK, **daily) in schedules
        assert ReportSchedule.objects.count() == MAX_SCHEDULES

    def test_only_the_helpdesk_may_change_schedules(self):
        schedule = make_schedule()
        with pytest.raises(NotAllowed):
            create_schedule(by=USER, service="active-by-category", params={}, cadence="daily", hour=7)
        for action in (pause_schedule, resume_schedule, delete_schedule):
            with pytest.raises(NotAllowed):
                action(schedule, by=USER)
        assert ReportSchedule.objects.active().get() == schedule

    def test_resuming_sets_the_time_from_which_slots_count(self):
        schedule = make_schedule()
        began = schedule.counts_from
        pause_schedule(schedule, by=HELPDESK)
        assert schedule.is_paused
        resume_schedule(schedule, by=HELPDESK)
        assert not schedule.is_paused
        assert schedule.counts_from > began

    def test_repeated_pause_and_resume_change_nothing(self):
        schedule = pause_schedule(make_schedule(), by=HELPDESK)
        paused = schedule.paused_at
        assert pause_schedule(schedule, by=HELPDESK).paused_at == paused
        began = resume_schedule(schedule, by=HELPDESK).counts_from
        assert resume_schedule(schedule, by=HELPDESK).counts_from == began

    def test_deleted_schedule_keeps_its_row(self):
        schedule = make_schedule()
        delete_schedule(schedule, by=HELPDESK)
        assert not ReportSchedule.objects.not_deleted().exists()
        assert ReportSchedule.objects.get().deleted_at


@pytest.mark.django_db(transaction=True)
class TestSimultaneousSchedules:
    daily = {"service": "active-by-category", "params": {}, "cadence": "daily"}

    def test_equal_requests_create_one_schedule(self):
        schedules = run_concurrently(8, lambda: create_schedule(by=HELPDESK, hour=7, **self.daily))
        assert set(schedules) == {ReportSchedule.objects.get()}

    def test_limit_is_exact(self):
        ReportSchedule.objects.bulk_create(
            ReportSchedule(service="ageing", cadence="daily", hour=7, asked_by_role="helpdesk")
            for _ in range(MAX_SCHEDULES - 3)
        )
        hours = iter(range(8))
        results = run_concurrently(8, lambda: create_schedule(by=HELPDESK, hour=next(hours), **self.daily))
        assert sum(isinstance(result, TooManySchedules) for result in results) == 5
        assert ReportSchedule.objects.count() == MAX_SCHEDULES
