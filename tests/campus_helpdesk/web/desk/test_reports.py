import pytest
from django.db import connection
from django.utils import timezone

from analytics_gateway.actions import MAX_SCHEDULES
from analytics_gateway.models import ReportRun, ReportSchedule
from tests.support.analyses import make_schedule
from tests.support.pages import count_statements, text_of, value_of
from tests.support.shown_analyses import make_analysis

FORM = {"service": "unresolved", "period": "7", "period_unit": "d", "when": "weekly-0", "hour": "7"}


@pytest.fixture
def schedule(helpdesk, db):
    helpdesk.post("/desk/reports/", FORM)
    return ReportSchedule.objects.get()


def test_form_creates_a_schedule(helpdesk, schedule):
    assert (schedule.cadence, schedule.weekday, schedule.hour) == ("weekly", 0, 7)
    assert schedule.params == {"period": "7d"}
    assert "Every Monday at 07:00: Unresolved tickets, opened recently" in text_of(
        helpdesk.get("/desk/reports/")
    )


@pytest.mark.parametrize(
    ("when", "cadence", "day"), [("daily", "daily", None), ("monthly-28", "monthly", 28)]
)
def test_form_accepts_every_cadence(helpdesk, db, when, cadence, day):
    assert helpdesk.post("/desk/reports/", {**FORM, "when": when}).status_code == 302
    made = ReportSchedule.objects.get()
    assert (made.cadence, made.day_of_month) == (cadence, day)


@pytest.mark.parametrize(
    "change",
    [
        {"when": "yearly"},
        {"when": "weekly-7"},
        {"when": ""},
        {"hour": "24"},
        {"hour": ""},
        {"period": "0"},
        {"service": "x"},
    ],
)
def test_form_refuses_bad_input_and_stores_nothing(helpdesk, db, change):
    answer = helpdesk.post("/desk/reports/", FORM | change)
    assert answer.status_code == 400
    assert "Please check what you sent" in text_of(answer)
    assert not ReportSchedule.objects.exists()


def test_only_a_schedule_with_a_fixed_end_shows_a_warning(helpdesk, db):
    form = {"service": "resolution-time", "when": "weekly-0", "hour": "7"}
    words = "Every report ends with March 2025"
    assert "stays the same in every report" in text_of(helpdesk.get("/desk/reports/"))
    for chosen, notices in (({"months": "3"}, 0), ({"from": "2025-01"}, 0), ({"until": "2025-03"}, 2)):
        helpdesk.post("/desk/reports/", form | chosen)
        assert text_of(helpdesk.get("/desk/reports/")).count(words) == notices
    assert text_of(helpdesk.get("/desk/reports/")).count(words) == 1


def test_page_shows_the_next_five_slots_and_previous_runs(helpdesk, schedule):
    slot = timezone.now()
    run = ReportRun.objects.create(schedule=schedule, slot=slot, analysis=make_analysis())
    answer = helpdesk.get("/desk/reports/")
    assert len(answer.context["schedules"][0].upcoming) == 5
    assert f"/desk/analytics/{run.analysis_id}/" in text_of(answer)


def test_page_takes_as_many_statements_for_5_schedules_as_for_1(helpdesk, schedule):
    helpdesk.get("/desk/reports/")  # shows the notice of the first one
    few = count_statements(connection, helpdesk, "/desk/reports/")
    for hour in range(4):
        helpdesk.post("/desk/reports/", FORM | {"hour": str(hour)})
    helpdesk.get("/desk/reports/")
    assert count_statements(connection, helpdesk, "/desk/reports/") == few <= 6


def test_page_lists_every_schedule(helpdesk, db):
    made = [make_schedule() for _ in range(MAX_SCHEDULES + 1)]
    page = helpdesk.get("/desk/reports/")
    assert [shown.schedule.pk for shown in page.context["schedules"]] == [s.pk for s in reversed(made)]


def test_limit_of_schedules_is_reported_above_the_form_with_its_values(helpdesk, db):
    for hour in range(MAX_SCHEDULES):
        make_schedule(hour=hour % 24)
    response = helpdesk.post("/desk/reports/", FORM | {"period": "9", "hour": "21"})
    assert response.status_code == 409
    assert "100 reports are already scheduled. Delete one" in text_of(response)
    assert value_of(response, "period") == "9"
    assert '<option value="21" selected>' in text_of(response)
    assert ReportSchedule.objects.count() == MAX_SCHEDULES


def test_schedule_is_paused_resumed_and_deleted(helpdesk, user, schedule):
    path = f"/desk/reports/{schedule.pk}/"
    for verb in ("pause", "resume", "delete"):
        assert user.post(f"{path}{verb}/", {}).status_code == 403
    helpdesk.post(f"{path}pause/", {})
    assert '<span class="tag">Paused</span>' in text_of(helpdesk.get("/desk/reports/"))
    helpdesk.post(f"{path}resume/", {})
    schedule.refresh_from_db()
    assert not schedule.is_paused
    helpdesk.post(f"{path}delete/", {})
    helpdesk.get("/desk/reports/")
    assert "Nothing is scheduled" in text_of(helpdesk.get("/desk/reports/"))
    assert helpdesk.post(f"{path}pause/", {}).status_code == 404


@pytest.mark.parametrize(
    ("action", "done"), [("pause", "paused"), ("resume", "resumed"), ("delete", "deleted")]
)
def test_notice_names_the_schedule_and_what_was_done(helpdesk, schedule, action, done):
    helpdesk.get("/desk/reports/")  # shows the notice of the first one
    helpdesk.post(f"/desk/reports/{schedule.pk}/{action}/", {})
    notice = f"“Unresolved tickets, opened recently” (Every Monday at 07:00) was {done}."
    assert notice in text_of(helpdesk.get("/desk/reports/"))
