"""Reuse, and never an old number: what an equal request is answered with."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from analytics_gateway.actions import cancel_analysis, request_analysis
from analytics_gateway.attempts import fail_analysis, start_analysis
from analytics_gateway.models import Analysis
from analytics_gateway.result_cache import is_still_current
from analytics_workers.catalogue import SERVICES
from tests.support.analyses import HELPDESK, finish, make_result, run_concurrently, shift_timestamps
from tests.support.factories import HELPDESK as DESK
from tests.support.factories import make_ticket
from tickets.actions import activate_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def ask(**options) -> Analysis:
    return request_analysis("active-by-category", {}, by=HELPDESK, **options)


def test_equal_request_returns_the_waiting_running_or_done_analysis(valkey):
    make_ticket()
    first = ask()
    assert ask().pk == first.pk
    start_analysis(first.pk, 1)
    assert ask().pk == first.pk
    finish(first)
    again = ask()
    assert (again.pk, again.state) == (first.pk, "done")


def test_other_parameters_are_another_request(valkey):
    day = request_analysis("unresolved", {"period": "24h"}, by=HELPDESK)
    assert request_analysis("unresolved", {"period": "25h"}, by=HELPDESK).pk != day.pk


@pytest.mark.parametrize("state", ["queued", "running", "done"])
def test_another_campus_time_zone_is_another_request(valkey, settings, state):
    settings.CAMPUS_TIME_ZONE = "Europe/Berlin"
    make_ticket()
    first = ask()
    if state != "queued":
        start_analysis(first.pk, 1)
    if state == "done":
        finish(first)
    settings.CAMPUS_TIME_ZONE = "Pacific/Auckland"
    second = ask()
    assert second.pk != first.pk
    assert (first.time_zone, second.time_zone) == ("Europe/Berlin", "Pacific/Auckland")
    settings.CAMPUS_TIME_ZONE = "Europe/Berlin"
    assert ask().pk == first.pk


@pytest.mark.parametrize(
    "change", [lambda ticket: make_ticket(), lambda ticket: activate_ticket(ticket, by=DESK)]
)
@pytest.mark.parametrize("is_done", [False, True])
def test_change_since_the_start_makes_a_new_analysis(valkey, change, is_done):
    ticket, first = make_ticket(), ask()
    start_analysis(first.pk, 1)
    if is_done:
        finish(first)
    change(ticket)
    assert ask().pk != first.pk


def test_analysis_without_a_result_is_not_reused(valkey):
    first = ask()
    cancel_analysis(first, by=HELPDESK)
    second = ask()
    start_analysis(second.pk, 1)
    fail_analysis(second.pk, 1, "no", retry=False)
    assert ask().pk not in (first.pk, second.pk)


def ask_and_answer(service: str) -> Analysis:
    """Done, started 61 s ago: its row is aged while it runs, because an ended one cannot be changed."""
    analysis = request_analysis(service, {}, by=HELPDESK)
    start_analysis(analysis.pk, 1)
    shift_timestamps(analysis, timedelta(seconds=61), "started_at")
    return finish(analysis)


@pytest.mark.parametrize("service", ["ageing", "resolution-time", "rush-hours"])
def test_time_dependent_result_is_computed_again_after_a_minute(valkey, service):
    make_ticket()
    first = ask_and_answer(service)
    assert request_analysis(service, {}, by=HELPDESK).pk != first.pk


@pytest.mark.parametrize("service", ["active-by-category", "by-place"])
def test_time_independent_result_is_reused_until_a_change(valkey, service):
    make_ticket()
    first = ask_and_answer(service)
    assert request_analysis(service, {}, by=HELPDESK).pk == first.pk
    make_ticket()
    assert request_analysis(service, {}, by=HELPDESK).pk != first.pk


def test_only_two_services_do_not_depend_on_time():
    still = {definition.name for definition in SERVICES.values() if not definition.depends_on_time}
    assert still == {"active-by-category", "by-place"}


@pytest.mark.parametrize("token", ["NULL", "data_token + 1000000"])
def test_missing_token_and_token_of_another_server_are_not_trusted(valkey, token):
    """A restored backup brings tokens that this server's transactions have not reached yet."""
    make_ticket()
    first = ask()
    start_analysis(first.pk, 1)
    assert ask().pk == first.pk
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE analytics_gateway_analysis SET data_token = {token}")
    assert ask().pk != first.pk


def test_result_of_an_older_release_is_not_reused(valkey):
    make_ticket()
    old = make_result()
    old["lineage"]["code_version"] = "0.9"
    first = finish(start_analysis(ask().pk, 1), json.dumps(old))
    assert is_still_current(first)
    assert ask().pk != first.pk


@pytest.mark.parametrize("is_done", [True, False])
def test_update_of_a_pin_is_listed_once_a_person_requests_it(valkey, is_done):
    """Then it is listed and retained like any other."""
    make_ticket()
    first = ask(is_for_pin=True)
    if is_done:
        finish(start_analysis(first.pk, 1))
    assert ask(is_for_pin=True).is_for_pin
    assert (ask().pk, ask().is_for_pin) == (first.pk, False)
    assert not Analysis.objects.get(pk=first.pk).is_for_pin


def test_fresh_request_is_computed_again(valkey):
    assert ask().pk != ask(is_fresh=True).pk


def test_fifty_simultaneous_equal_requests_make_one_analysis(valkey):
    make_ticket()
    answers = run_concurrently(50, ask)
    assert len({answer.pk for answer in answers}) == Analysis.objects.count() == 1


def test_api_validates_is_fresh(helpdesk, valkey):
    body = {"service": "active-by-category"}
    first, same = (helpdesk.api("POST", "analyses/", body).json()["id"] for _ in range(2))
    other = helpdesk.api("POST", "analyses/", body | {"is_fresh": True}).json()["id"]
    assert first == same != other
    answer = helpdesk.api("POST", "analyses/", body | {"is_fresh": "yes"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["is_fresh"])


def test_result_is_current_until_a_ticket_changes(valkey):
    ticket, analysis = make_ticket(), ask()
    assert not is_still_current(analysis)  # nothing was read yet
    assert is_still_current(finish(start_analysis(analysis.pk, 1)))
    activate_ticket(ticket, by=DESK)
    analysis.refresh_from_db()
    assert not is_still_current(analysis)
