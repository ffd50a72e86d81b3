import pytest
from django.db import connection

from tests.support.factories import USER
from tickets.actions import open_ticket
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
