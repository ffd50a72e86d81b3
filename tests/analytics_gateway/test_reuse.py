"""Once is enough, and never an old number: what an equal request is answered with."""

import json
from datetime import timedelta

import pytest

from analytics_gateway import reuse
from analytics_gateway.actions import cancel_analysis, request_analysis
from analytics_gateway.attempts import fail_analysis, record_result, start_analysis
from analytics_gateway.models import Analysis
from analytics_gateway.results import Result
from tests.analytics_gateway.factories import HELPDESK, PNG, SVG, at_once, make_result
from tests.factories import HELPDESK as DESK
from tests.factories import make_ticket
from tickets.actions import activate_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def ask(**options) -> Analysis:
    return request_analysis("active-by-category", {}, by=HELPDESK, **options)


def finish(analysis: Analysis) -> Analysis:
    record_result(analysis.pk, 1, Result.read(json.dumps(make_result()), SVG, PNG))
    analysis.refresh_from_db()
    return analysis


def test_equal_request_joins_what_waits_or_runs_and_gets_what_is_done(valkey):
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


@pytest.mark.parametrize(
    "change", [lambda ticket: make_ticket(), lambda ticket: activate_ticket(ticket, by=DESK)]
)
@pytest.mark.parametrize("is_done", [False, True])
def test_a_change_since_its_start_makes_a_new_one(valkey, change, is_done):
    ticket, first = make_ticket(), ask()
    start_analysis(first.pk, 1)
    if is_done:
        finish(first)
    change(ticket)
    assert ask().pk != first.pk


def test_what_ended_without_a_result_is_not_given_back(valkey):
    first = ask()
    cancel_analysis(first, by=HELPDESK)
    second = ask()
    start_analysis(second.pk, 1)
    fail_analysis(second.pk, 1, "no", retry=False)
    assert ask().pk not in (first.pk, second.pk)


def test_after_a_minute_the_clock_has_moved(valkey, monkeypatch):
    first = ask()
    start_analysis(first.pk, 1)
    finish(first)
    monkeypatch.setattr(reuse, "LONGEST_REUSE", timedelta(0))
    assert ask().pk != first.pk


def test_fresh_computes_again(valkey):
    assert ask().pk != ask(is_fresh=True).pk


def test_fifty_equal_requests_at_once_make_one_computation(valkey):
    make_ticket()
    answers = at_once(50, ask)
    assert len({answer.pk for answer in answers}) == Analysis.objects.count() == 1


def test_api_takes_is_fresh_and_refuses_nonsense(helpdesk, valkey):
    body = {"service": "active-by-category"}
    first, same = (helpdesk.api("POST", "analyses/", body).json()["id"] for _ in range(2))
    other = helpdesk.api("POST", "analyses/", body | {"is_fresh": True}).json()["id"]
    assert first == same != other
    answer = helpdesk.api("POST", "analyses/", body | {"is_fresh": "yes"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["is_fresh"])


def test_result_holds_until_a_ticket_changes(valkey):
    ticket, analysis = make_ticket(), ask()
    assert not reuse.holds(analysis)  # nothing was read yet
    assert reuse.holds(finish(start_analysis(analysis.pk, 1)))
    activate_ticket(ticket, by=DESK)
    analysis.refresh_from_db()
    assert not reuse.holds(analysis)
