"""Pinned analyses: the strip above the queue, their page, the buttons."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from analytics_gateway.actions import cancel_analysis
from analytics_gateway.models import Analysis, Pin
from analytics_gateway.pins import MAX_PINS
from analytics_gateway.queue_limits import MAX_WAITING
from tests.support.analyses import HELPDESK, finish, make_old, shift_timestamps
from tests.support.pages import count_statements, text_of
from tests.support.shown_analyses import make_analysis, make_done, make_failed, make_running

MINUTE = timedelta(seconds=61)
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?page_size=50"}


def pin(service: str = "resolution-time", **params) -> Pin:
    return Pin.objects.create(service=service, params=params)


def refresh(helpdesk) -> str:
    return text_of(helpdesk.post("/desk/pinned/", {}, headers=HTMX))


def test_queue_requests_the_pins_after_loading(helpdesk):
    pin()
    page = text_of(helpdesk.get("/desk/"))
    row = page.split('<section class="pinned-row"')[1].split("</section>")[0]
    assert 'hx-post="/desk/pinned/" hx-trigger="load" hx-target="#pins"' in row
    assert "csrfmiddlewaretoken" in row
    assert '<a href="/desk/pinned/">Pinned analyses</a>' in row
    assert not Analysis.objects.exists()


def test_queue_without_pins_or_with_filters_has_no_pinned_row(helpdesk):
    assert 'class="pinned-row"' not in text_of(helpdesk.get("/desk/"))
    pin()
    assert 'class="pinned-row"' not in text_of(helpdesk.get("/desk/?status=open"))


def test_pins_cost_the_queue_one_statement(helpdesk):
    none = count_statements(connection, helpdesk, "/desk/?status=open")
    for days in range(1, MAX_PINS + 1):
        pin("backlog", days=days)
    assert count_statements(connection, helpdesk, "/desk/") == none + 1


def test_reading_requests_no_analysis(helpdesk):
    pin()
    for headers in ({}, HTMX):
        assert "No result yet" in text_of(helpdesk.get("/desk/pinned/", **headers))
    assert not Analysis.objects.exists()


def test_opening_requests_an_update_and_shows_the_last_result(helpdesk, db):
    made = pin()
    done = make_old(make_done(), MINUTE)
    cards = refresh(helpdesk)
    assert "<html" not in cards
    assert "<strong>53.2</strong> <span>hours on average" in cards
    assert f'<img src="/api/v1/analyses/{done.pk}/chart.svg#chart" alt="Two bars."' in cards
    assert f'<a href="/desk/analytics/{done.pk}/">' in cards
    assert re.search(r"1 minute ago</time>, updating…", cards)
    assert f'hx-get="/desk/pinned/{made.pk}/" hx-trigger="every 2s"' in cards
    assert Analysis.objects.queued().get().is_for_pin


def test_ten_openings_in_a_minute_request_one_update(helpdesk, db):
    pin()
    for _ in range(10):
        refresh(helpdesk)
    assert Analysis.objects.count() == 1


def test_full_queue_shows_the_last_result_and_its_age(helpdesk, db):
    pin()
    make_old(make_done(), MINUTE)
    rows = [Analysis(service="ageing", asked_by_role="helpdesk") for _ in range(MAX_WAITING)]
    Analysis.objects.bulk_create(rows)
    cards = refresh(helpdesk)
    assert "1 minute ago</time></p>" in cards
    assert "hx-trigger" not in cards


@pytest.mark.django_db(transaction=True)
def test_last_result_and_its_age_are_shown_while_the_broker_is_down(helpdesk, broker_at, db):
    pin()
    make_old(make_done(), MINUTE)
    broker_at("redis://127.0.0.1:1/0")
    assert "1 minute ago</time>, updating…" in refresh(helpdesk)
    assert Analysis.objects.queued().get().published_at is None


@pytest.mark.django_db(transaction=True)
def test_pin_shows_that_nothing_has_changed(helpdesk, valkey):
    pin("by-place")
    running = make_running(service="by-place")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE analytics_gateway_analysis SET data_token = txid_current()")
    shift_timestamps(running, MINUTE, "requested_at", "started_at")
    finish(running)
    assert "nothing has changed since" in refresh(helpdesk)
    assert "nothing has changed since" not in text_of(helpdesk.get("/desk/pinned/"))


@pytest.mark.parametrize("make", [make_analysis, make_running])
def test_pin_polls_until_its_analysis_has_ended(helpdesk, db, make):
    made, analysis = pin(), make()
    path = f"/desk/pinned/{made.pk}/"
    answer = helpdesk.get(path, **HTMX)
    assert (answer.status_code, answer.content) == (204, b"")
    cancel_analysis(analysis, by=HELPDESK)
    card = text_of(helpdesk.get(path, **HTMX))
    assert "the last update was cancelled" in card
    assert "hx-trigger" not in card


def test_deleted_pin_stops_polling(helpdesk):
    answer = helpdesk.get("/desk/pinned/7/", **HTMX)
    assert (answer.status_code, answer.content) == (286, b"")
    assert helpdesk.get("/desk/pinned/7/")["Location"] == "/desk/pinned/"


def test_pin_shows_a_failure_beside_the_last_result(helpdesk, db):
    pin()
    make_done()
    failed = make_failed(reason="The API did not answer.")
    page = text_of(helpdesk.get("/desk/pinned/"))
    assert "<strong>53.2</strong>" in page
    assert f'<a href="/desk/analytics/{failed.pk}/">the last update failed</a>' in page


def test_page_works_without_javascript(helpdesk, db):
    pin()
    page = text_of(helpdesk.get("/desk/pinned/"))
    assert "Update all" in page
    assert '<noscript><meta http-equiv="refresh"' not in page
    answer = helpdesk.post("/desk/pinned/", {})
    assert (answer.status_code, answer["Location"]) == (302, "/desk/pinned/")
    assert '<noscript><meta http-equiv="refresh"' in text_of(helpdesk.get("/desk/pinned/"))


def test_page_without_pins_explains_pinning(helpdesk):
    page = text_of(helpdesk.get("/desk/pinned/"))
    assert "Nothing is pinned" in page
    assert f"Up to {MAX_PINS} analyses can be pinned." in page
    assert "Update all" not in page


def test_page_takes_as_many_statements_for_six_pins_as_for_one(helpdesk, db):
    pin("backlog", days=1)
    make_done(service="backlog", params={"days": 1})
    few = count_statements(connection, helpdesk, "/desk/pinned/")
    for days in range(2, MAX_PINS + 1):
        pin("backlog", days=days)
        make_done(service="backlog", params={"days": days})
    assert count_statements(connection, helpdesk, "/desk/pinned/") == few <= 5


def test_result_is_pinned_and_unpinned_from_its_page(helpdesk, db):
    path = f"/desk/analytics/{make_done().pk}/"
    assert "Pin to the desk" in text_of(helpdesk.get(path))
    assert helpdesk.post(f"{path}pin/", {})["Location"] == path
    page = text_of(helpdesk.get(path))
    assert "shown above the queue" in page
    assert "Pin to the desk" not in page
    made = Pin.objects.get()
    assert (made.service, made.params, made.pinned_by_name) == ("resolution-time", {}, "Hedda")
    unpinned = helpdesk.post(f"/desk/pinned/{made.pk}/unpin/", {"next": path})
    assert unpinned["Location"] == path
    assert not Pin.objects.exists()
    page = text_of(helpdesk.get(path))
    assert f"{made.title} is no longer pinned.</div>" in page
    assert "Pin to the desk" in page


def test_unpinning_returns_to_the_queue(helpdesk, db):
    made = pin()
    assert 'name="next" value="/desk/?page_size=50"' in refresh(helpdesk)
    for target in ("", "https://elsewhere.example/desk/"):
        assert helpdesk.post(f"/desk/pinned/{made.pk}/unpin/", {"next": target})["Location"] == "/desk/"
        made.save()


@pytest.mark.parametrize("address", ["http://[::1", "https://elsewhere.example/desk/", "javascript:ran()"])
def test_pins_ignore_a_current_url_outside_of_the_site(helpdesk, db, address):
    pin()
    cards = helpdesk.client.get("/desk/pinned/", headers=HTMX | {"HX-Current-URL": address})
    assert cards.status_code == 200
    assert b'name="next" value=""' in cards.content


def test_seventh_pin_is_refused_with_a_message(helpdesk, db):
    for days in range(1, MAX_PINS + 1):
        pin("backlog", days=days)
    path = f"/desk/analytics/{make_done().pk}/"
    assert helpdesk.post(f"{path}pin/", {})["Location"] == path
    assert "6 analyses are already pinned" in text_of(helpdesk.get(path))
    assert Pin.objects.count() == MAX_PINS


def test_updates_of_pins_are_last_results_but_not_listed_as_earlier_ones(helpdesk, db):
    requested, updated = make_done(), make_done(is_for_pin=True)
    cards, earlier = text_of(helpdesk.get("/desk/analytics/")).split('id="earlier"')
    assert f'<a href="/desk/analytics/{updated.pk}/">Last result' in cards
    assert f"/desk/analytics/{requested.pk}/" in earlier
    assert f"/desk/analytics/{updated.pk}/" not in earlier
