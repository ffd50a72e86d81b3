from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from analytics_gateway.models import Analysis, Pin, ReportRun, ReportSchedule
from analytics_gateway.models.analysis import PROTECT_FINAL
from tests.support.analyses import make_analysis, make_done, make_running, make_schedule

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        {"state": "lost"},
        {"state": "done", "finished_at": Now()},
        {"state": "expired"},
        {"state": "running"},
        {"attempts": 4},
        {"percent": 40},
        {"phase": "computing", "percent": 40},
        {"phase": "fetching", "percent": 101},
        {"asked_by_role": "admin"},
        {"lease_until": Now()},
        {"result": {"rows": []}},
    ],
)
def test_database_refuses_an_impossible_row(change):
    analysis = make_analysis()
    with pytest.raises(DatabaseError), transaction.atomic():
        Analysis.objects.filter(pk=analysis.pk).update(**change)
    assert Analysis.objects.get(pk=analysis.pk).state == "queued"


def test_database_refuses_an_illegal_transition():
    analysis = make_analysis()
    with pytest.raises(DatabaseError), transaction.atomic():
        Analysis.objects.filter(pk=analysis.pk).update(state="failed", finished_at=Now())


@pytest.mark.parametrize(
    "change", [{"state": "queued", "finished_at": None}, {"result": {}}, {"params": {}}, {"reason": "x"}]
)
def test_database_refuses_any_change_of_an_ended_analysis(change):
    done = make_done()
    with pytest.raises(DatabaseError), transaction.atomic():
        Analysis.objects.filter(pk=done.pk).update(**change)


def test_every_column_of_an_ended_analysis_but_is_for_pin_is_immutable():
    columns = {field.name for field in Analysis._meta.local_fields}
    assert set(PROTECT_FINAL) == columns - {"id", "is_for_pin"}


@pytest.mark.parametrize(
    "recurrence",
    [
        {"cadence": "weekly"},
        {"cadence": "monthly"},
        {"cadence": "monthly", "day_of_month": 29},
        {"cadence": "weekly", "weekday": 7},
        {"cadence": "daily", "weekday": 1},
        {"hour": 24},
        {"cadence": "yearly"},
    ],
)
def test_database_refuses_an_impossible_recurrence(recurrence):
    with pytest.raises(DatabaseError), transaction.atomic():
        make_schedule(**recurrence)
    assert not ReportSchedule.objects.exists()


def test_slot_has_one_run():
    schedule = make_schedule()
    ReportRun.objects.create(schedule=schedule, slot=schedule.created_at, analysis=make_analysis())
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportRun.objects.create(schedule=schedule, slot=schedule.created_at, analysis=make_analysis())


def test_request_is_pinned_once():
    pin = {"service": "unresolved", "params": {"period": "7d"}}
    Pin.objects.create(**pin)
    Pin.objects.create(**pin | {"params": {"period": "8d"}})
    with pytest.raises(DatabaseError), transaction.atomic():
        Pin.objects.create(**pin)


def test_answered_pins_have_the_newest_and_the_last_done_analysis(django_assert_num_queries):
    pin, silent = (
        Pin.objects.create(service="unresolved", params={"period": "7d"}),
        Pin.objects.create(service="ageing"),
    )
    make_done()
    newest, running = make_done(), make_running()
    make_done(service="active-by-category")
    with django_assert_num_queries(1):
        found = list(Pin.objects.answered())
    assert found == [pin, silent]
    assert (found[0].newest_id, found[0].done_id) == (running.pk, newest.pk)
    assert (found[1].newest_id, found[1].done_id) == (None, None)


def test_last_done_is_the_newest_result_of_each_service(django_assert_num_queries):
    make_done()
    newest = make_done()
    make_running(service="active-by-category")
    with django_assert_num_queries(1):
        (found,) = Analysis.objects.last_done().items()
        assert (*found, found[1].finished_at) == ("unresolved", newest, newest.finished_at)


def test_list_reads_no_results_and_one_query(django_assert_num_queries):
    for _ in range(3):
        make_done()
    with django_assert_num_queries(1):
        rows = list(Analysis.objects.without_results())
        assert [getattr(row, "report_run", None) for row in rows] == [None] * 3
    assert "result" in rows[0].get_deferred_fields()


def test_querysets_select_by_state():
    queued, running, done = make_analysis(), make_running(), make_done()
    assert set(Analysis.objects.unfinished()) == {queued, running}
    assert list(Analysis.objects.done()) == [done]
    assert done.is_final
    assert done.is_done
    assert not running.is_final


def test_title_of_a_removed_service_is_its_name():
    assert make_analysis("unresolved").title == "Unresolved tickets, opened recently"
    assert make_analysis("weather").title == "weather"


def test_seconds_taken_are_those_of_the_last_attempt():
    assert make_running().seconds_taken is None
    assert 0 <= make_done().seconds_taken < 5


def test_paused_schedule_has_no_next_slots():
    schedule = make_schedule()
    assert len(schedule.next_slots(5, schedule.created_at)) == 5
    schedule.paused_at = schedule.created_at
    assert schedule.next_slots(5, schedule.created_at) == []
    assert str(schedule) == "Every day at 07:00: Active tickets by category"


def test_rows_have_readable_names():
    done, schedule = make_done(), make_schedule()
    slot = datetime(2026, 3, 1, 6, tzinfo=UTC)
    run = ReportRun.objects.create(schedule=schedule, slot=slot, analysis=done)
    assert str(done) == "Unresolved tickets, opened recently, done"
    assert str(done.chart) == f"Charts of {done.pk}"
    assert str(run) == f"Schedule {schedule.pk}, 2026-03-01 06:00 UTC"
    assert str(Pin(service="unresolved")) == "Pinned: Unresolved tickets, opened recently"


def test_database_fills_in_the_request_id_for_an_earlier_release(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_default FROM information_schema.columns"
            " WHERE table_name = 'analytics_gateway_analysis' AND column_name = 'request_id'"
        )
        assert cursor.fetchone()[0].startswith("''")
