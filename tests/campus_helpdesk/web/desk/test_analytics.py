import re
from calendar import day_name
from uuid import uuid4

import pytest
from django.db import connection
from django.utils.html import strip_tags

from analytics_gateway.attempts import record_result, start_analysis
from analytics_gateway.models import Analysis
from analytics_gateway.results import Result
from tests.support.analyses import PNG, SVG, finish, result_text
from tests.support.pages import count_statements, text_of
from tests.support.shown_analyses import make_analysis, make_done, make_failed, make_running


@pytest.mark.parametrize("path", ["/desk/analytics/", "/desk/reports/"])
def test_pages_are_the_helpdesks(user, nobody, path):
    assert user.get(path).status_code == 403
    assert user.post(path, {"service": "active-by-category"}).status_code == 403
    assert nobody.get(path)["Location"].split("?")[0] == "/"
    assert not Analysis.objects.exists()


def test_form_requests_an_analysis_and_redirects_to_it(helpdesk, db):
    answer = helpdesk.post("/desk/analytics/", {"service": "unresolved", "period": "7", "period_unit": "d"})
    analysis = Analysis.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/analytics/{analysis.pk}/")
    assert (analysis.params, analysis.asked_by_name) == ({"period": "7d"}, "Hedda")


@pytest.mark.parametrize("path", ["/desk/analytics/", "/desk/reports/"])
def test_forms_offer_the_last_twelve_months_and_collapse_the_range(helpdesk, path):
    forms = text_of(helpdesk.get(path)).split('<form class="service"')
    (form,) = [form for form in forms if 'value="resolution-time"' in form]
    first, folded = form.split("<details", 1)
    assert re.search(r'name="months" value="12"', first)
    assert re.findall(r'<input [^>]*name="(\w+)"', folded.split("</details>")[0]) == ["from", "until"]


def test_chosen_range_replaces_the_default_number_of_months(helpdesk, db):
    form = {"service": "resolution-time", "months": "12", "from": "2026-01", "until": ""}
    assert helpdesk.post("/desk/analytics/", form).status_code == 302
    assert Analysis.objects.get().params == {"from": "2026-01"}


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"service": "no-such"},
        {"service": "unresolved"},
        {"service": "unresolved", "period": "0", "period_unit": "d"},
        {"service": "unresolved", "period": "7", "period_unit": "x"},
        {"service": "resolution-time", "from": "2026-13"},
        {"service": "resolution-time", "from": "2026-01", "months": "3"},
    ],
)
def test_form_refuses_bad_parameters_and_stores_nothing(helpdesk, db, form):
    answer = helpdesk.post("/desk/analytics/", form)
    assert answer.status_code == 400
    assert "Please check what you sent" in text_of(answer)
    assert not Analysis.objects.exists()


def test_age_of_the_last_result_is_a_link_to_it(helpdesk, db):
    make_done()
    newest = make_done()
    page = helpdesk.get("/desk/analytics/").content.decode()
    (link,) = re.findall(r'<a href="([^"]+)">Last result', page)
    assert link == f"/desk/analytics/{newest.pk}/"


def test_list_takes_as_many_statements_for_20_results_as_for_1(helpdesk, db):
    make_done()
    few = count_statements(connection, helpdesk, "/desk/analytics/")
    for _ in range(19):
        make_done()
    assert count_statements(connection, helpdesk, "/desk/analytics/") == few <= 6


def test_page_of_a_waiting_analysis_reloads_with_and_without_javascript(helpdesk, db):
    page = text_of(helpdesk.get(f"/desk/analytics/{make_analysis().pk}/"))
    assert "Waiting" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "hx-trigger" in page


@pytest.mark.parametrize(
    ("before", "words"), [(0, "Next in line"), (1, "1 analysis ahead"), (2, "2 analyses ahead")]
)
def test_page_of_a_waiting_analysis_shows_its_queue_position(helpdesk, db, before, words):
    for _ in range(before):
        make_analysis()
    make_analysis(service="ageing")
    assert words in text_of(helpdesk.get(f"/desk/analytics/{make_analysis().pk}/"))


@pytest.mark.parametrize("reason", ["", "The API did not answer."])
def test_page_of_an_analysis_that_is_retried_shows_the_failed_attempt(helpdesk, db, reason):
    waiting = make_analysis(attempts=1, reason=reason)
    page = " ".join(strip_tags(text_of(helpdesk.get(f"/desk/analytics/{waiting.pk}/"))).split())
    assert " ".join(f"Attempt 1 failed. {reason} It will be tried again.".split()) in page


def test_page_of_a_running_analysis_shows_the_percentage_if_known(helpdesk, db):
    page = text_of(helpdesk.get(f"/desk/analytics/{make_running(phase='fetching', percent=40).pk}/"))
    assert (
        'Reading the tickets, 40 % <progress max="100" value="40" aria-label="Reading the tickets">' in page
    )
    without = text_of(helpdesk.get(f"/desk/analytics/{make_running(phase='fetching').pk}/"))
    assert "Reading the tickets</li>" in without
    assert "<progress" not in without


@pytest.mark.django_db(transaction=True)
def test_reused_result_is_announced(helpdesk, valkey):
    form = {"service": "active-by-category"}
    first = helpdesk.post("/desk/analytics/", form)["Location"]
    assert "This result was computed" not in text_of(helpdesk.get(first))
    pk = Analysis.objects.get().pk
    start_analysis(pk, 1)
    record_result(pk, 1, Result.read(result_text(), SVG, PNG))
    answer = helpdesk.post("/desk/analytics/", form)
    assert answer["Location"] == first
    page = text_of(helpdesk.get(first))
    assert "This result was computed just now. No ticket has changed since, so it is current." in page
    assert "As of" in page


def test_list_states_how_long_results_are_kept(helpdesk):
    assert "Kept for 30 days; results of scheduled reports stay." in text_of(helpdesk.get("/desk/analytics/"))


def test_page_of_a_running_analysis_shows_its_phase(helpdesk, db):
    part = text_of(
        helpdesk.get(f"/desk/analytics/{make_running(phase='computing').pk}/", **{"HX-Request": "true"})
    )
    assert (
        'aria-current="step"><span class="badge state-running"><span class="dot"></span></span>Computing'
        in part
    )
    assert "<html" not in part


def test_page_of_a_result_shows_headline_picture_table_lineage_and_downloads(helpdesk, db):
    analysis = make_done()
    page = text_of(helpdesk.get(f"/desk/analytics/{analysis.pk}/"))
    assert "53.2 hours on average" in page
    assert f'<img src="/api/v1/analyses/{analysis.pk}/chart.svg#chart" alt="Two bars."' in page
    assert "1,234.6" in page
    assert "from 1,234 tickets" in page
    assert "31 March 2026, 14:00 CEST" in page
    assert f"/api/v1/analyses/{analysis.pk}/table.csv" in page
    assert "hx-trigger" not in page


def test_rush_hours_are_shown_as_weekdays_by_hours(helpdesk, db):
    rows = [[day, f"{hour:02d}:00", hour] for day in day_name for hour in range(24)]
    columns = [{"name": name, "label": name, "unit": ""} for name in ("weekday", "hour", "tickets")]
    sent = result_text(columns=columns, rows=rows, headline=None)
    analysis = finish(make_running(service="rush-hours"), sent)
    page = text_of(helpdesk.get(f"/desk/analytics/{analysis.pk}/"))
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert re.findall('<th scope="row">([^<]*)</th>', table) == list(day_name)
    assert (table.count("<tr>"), table.count("<td")) == (7, 168)
    assert re.findall(r">(\d\d:00)</th>", page) == [f"{hour:02d}:00" for hour in range(24)]


def test_page_of_a_failed_analysis_shows_the_reason_and_a_button_to_try_again(helpdesk, db):
    failed = make_failed(service="unresolved", params={"period": "30d"}, reason="The API did not answer.")
    page = text_of(helpdesk.get(f"/desk/analytics/{failed.pk}/"))
    assert "The API did not answer." in page
    assert '<input type="hidden" name="period" value="30d">' in page
    helpdesk.post("/desk/analytics/", {"service": "unresolved", "period": "30d"})
    assert Analysis.objects.queued().get().params == failed.params


def test_page_of_a_missing_analysis_is_404(helpdesk, db):
    assert helpdesk.get(f"/desk/analytics/{uuid4()}/").status_code == 404


def test_cancel_ends_it_once(helpdesk, user, db):
    path = f"/desk/analytics/{make_analysis().pk}/"
    assert user.post(f"{path}cancel/", {}).status_code == 403
    assert helpdesk.post(f"{path}cancel/", {})["Location"] == path
    assert "Cancelled" in text_of(helpdesk.get(path))
    again = helpdesk.post(f"{path}cancel/", {})
    assert again.status_code == 409
    assert "Nothing was changed." in text_of(again)
    assert "Load the ticket again" not in text_of(again)


def test_page_names_services_without_a_worker(helpdesk, settings, db):
    settings.REDIS_URL = re.sub(r"(/|db=)\d+$", r"\g<1>15", settings.REDIS_URL)  # without a worker
    page = text_of(helpdesk.get("/desk/analytics/"))
    assert "No worker available for:" in page
    assert "Tickets are not affected" in page


def test_page_reports_an_unreachable_broker_and_shows_the_last_results(helpdesk, settings, db):
    make_done()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    page = text_of(helpdesk.get("/desk/analytics/"))
    assert "Analyses cannot start: the job queue is not responding." in page
    assert "Last result" in page
