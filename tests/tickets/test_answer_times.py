"""How soon the helpdesk usually answers: from enough settled tickets, in the same building first."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from benchmarks.environment import MAKE_ROWS
from tests.support.factories import store_as_is
from tickets.answer_times import UsualAnswer, find_usual_answer, newest_tickets, read_waits, usual_wait
from tickets.models import Ticket
from tickets.triggers import IMPORTING

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = timezone.now()


def store(count: int, wait: timedelta | None, *, age: timedelta = 20 * DAY, **fields) -> None:
    """Tickets of that age that were answered after that time, None: never."""
    opened = NOW - age
    answered = opened + wait if wait else None
    values = {"category": "it", "opened_at": opened, "modified_at": answered or opened} | fields
    store_as_is([Ticket(first_answered_at=answered, **values) for _ in range(count)])


def test_usual_answer_is_what_three_of_four_tickets_got():
    store(15, 2 * HOUR)
    store(5, None)
    assert find_usual_answer("it", now=NOW) == UsualAnswer(2 * HOUR, "")
    store(3, None)
    assert find_usual_answer("it", now=NOW) is None


@pytest.mark.parametrize(("age", "category"), [(13 * DAY, "it"), (400 * DAY, "it"), (20 * DAY, "facility")])
def test_other_categories_and_times_do_not_count(age, category):
    store(19, HOUR)
    store(5, HOUR, age=age, category=category)
    assert find_usual_answer("it", now=NOW) is None


def test_building_counts_with_enough_tickets_of_its_own():
    store(20, 5 * HOUR, building="Library")
    store(40, HOUR, building="Physics")
    store(40, HOUR, building="Library", category="services")
    store(19, 9 * HOUR, building="Gym")
    assert find_usual_answer("it", "Library", now=NOW) == UsualAnswer(5 * HOUR, "Library")
    assert find_usual_answer("it", "Gym", now=NOW) == UsualAnswer(5 * HOUR, "")
    assert find_usual_answer("it", "Nowhere", now=NOW) == UsualAnswer(5 * HOUR, "")


def test_closing_without_a_message_is_an_answer():
    closed = NOW - 20 * DAY + 3 * HOUR
    moments = {"activated_at": closed, "closed_at": closed, "modified_at": closed}
    store(20, None, status="closed", **moments)
    assert find_usual_answer("it", now=NOW) == UsualAnswer(3 * HOUR, "")


def test_usual_wait_needs_twenty():
    assert usual_wait([HOUR] * 19) is None
    assert usual_wait([HOUR] * 20) == HOUR


def test_many_tickets_are_not_read():
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [IMPORTING])
        cursor.execute(MAKE_ROWS, {"count": 4000})
        cursor.execute("ANALYZE tickets_ticket")
    span = (NOW - 3650 * DAY, NOW)
    for building, index in {"": "ticket_by_category", "Building 7": "ticket_by_building"}.items():
        assert index in newest_tickets("it", span, building).explain()
    assert len(read_waits("it", span)) == 200
