import pytest
from django.db import connection

from tests.support.factories import HELPDESK, USER
from tickets.actions import edit_ticket, open_ticket
from tickets.idempotency import find_repeated
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
FORM = {"description": "The lift is stuck", "building": "Library", "room": "Lobby", "key": "k" * 32}


def test_repeated_report_is_found_under_every_key_but_its_own():
    open_ticket(by=USER, **FORM)
    assert find_repeated(by=USER, **FORM) is None
    assert find_repeated(by=USER, **FORM | {"key": "other"}).ticket == Ticket.objects.get()


def test_double_click_whose_first_half_is_stored_just_now_repeats_nothing():
    """The first half's ticket appears between the statements of the second half."""
    stored = []

    def store_the_first_half(execute, sql, params, many, context):
        rows = execute(sql, params, many, context)
        if not stored:
            stored.append(True)
            stored.append(open_ticket(by=USER, **FORM))
        return rows

    with connection.execute_wrapper(store_the_first_half):
        assert find_repeated(by=USER, **FORM) is None
    assert Ticket.objects.count() == 1


def test_replay_is_answered_as_before_though_its_building_is_spelled_in_another_way_by_now(user):
    body = {"description": "The lift is stuck", "building": "LIBRARY"}
    first = user.api("POST", "tickets/", body, Idempotency_Key="once")
    edit_ticket(Ticket.objects.get(), by=HELPDESK, version=1, changes={"building": "Library"})
    again = user.api("POST", "tickets/", body, Idempotency_Key="once")
    assert (again.status_code, again.json()) == (201, first.json())
    assert Ticket.objects.count() == 1
