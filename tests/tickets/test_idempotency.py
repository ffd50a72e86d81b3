import pytest
from django.db import connection

from tests.support.factories import HELPDESK, USER
from tickets.actions import edit_ticket, open_ticket
from tickets.idempotency import find_repeated
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
FORM = {"description": "The lift is stuck", "building": "Library", "room": "Lobby", "key": "k" * 32}


def test_repeated_report_is_found_under_any_other_key():
    open_ticket(by=USER, **FORM)
    assert find_repeated(by=USER, **FORM) is None
    assert find_repeated(by=USER, **FORM | {"key": "other"}).ticket == Ticket.objects.get()


def test_concurrent_double_click_is_not_a_repeated_report():
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


def test_replay_is_unchanged_after_the_building_was_respelled(user):
    body = {"description": "The lift is stuck", "building": "LIBRARY"}
    first = user.api("POST", "tickets/", body, Idempotency_Key="once")
    edit_ticket(Ticket.objects.get(), by=HELPDESK, version=1, changes={"building": "Library"})
    again = user.api("POST", "tickets/", body, Idempotency_Key="once")
    assert (again.status_code, again.json()) == (201, first.json())
    assert Ticket.objects.count() == 1
