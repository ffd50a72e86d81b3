"""Finding few among many tickets: a page and a count must not read all the others."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from benchmarks.environment import MAKE_ROWS
from tickets.filters import DeskFilter
from tickets.models import Ticket
from tickets.ticket_counters import GROUP_FIELDS
from tickets.triggers import IMPORTING

pytestmark = pytest.mark.django_db
# Filters that find few of the tickets below, or none.
INDEXES = {
    "building=building 7": "ticket_by_building",
    "building_is=Building 7": "ticket_by_building",
    "has_building=false": "ticket_by_building",
    "opened_weekday=monday": "ticket_by_hour_of_week",
    "opened_hour=3": "ticket_by_hour_of_week",
    "is_answered=true": "ticket_by_first_answer",
    "was_open_at={middle}": "ticket_lifetime",
    "was_active_at={middle}": "ticket_lifetime",
    "was_unclosed_at={middle}": "ticket_lifetime",
    "filed_as=it": "ticket_filed_by_machine",
    "outcome=changed": "ticket_filed_by_machine",
    "outcome=kept": "ticket_filed_by_machine",
    "solved=no": "tickets_ticket_pkey",
    "status=open&category=it&opened_before={middle}": "ticket_by_status|ticket_unresolved",
    "status=open&category=it&opened_after={middle}": "ticket_by_status|ticket_unresolved",
}

# Nearly all are closed within a quarter of an hour; none was opened on a Monday or at night.
SHORT_LIVES = MAKE_ROWS.replace("20.000001 s", "0.001 s").replace("n %% 20 ", "n %% 2000 ")
ANSWERS = """
INSERT INTO tickets_feedback (ticket_id, is_solved, comment)
SELECT id, id % 2 = 0, '' FROM tickets_ticket WHERE id % 50 < 2
"""
WHEN = "extract(isodow FROM at) BETWEEN 3 AND 6 AND extract(hour FROM at) > 4"


@pytest.fixture
def many_tickets(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [IMPORTING])
        cursor.execute(f"{SHORT_LIVES} WHERE {WHEN}", {"count": 4000})
        cursor.execute(ANSWERS)
        cursor.execute("ANALYZE tickets_ticket, tickets_feedback")


def test_selective_filters_use_an_index(many_tickets):
    middle = quote((timezone.now() - timedelta(days=730)).isoformat())
    for query, index in INDEXES.items():
        rows = DeskFilter(QueryDict(query.format(middle=middle)), queryset=Ticket.objects.all()).rows
        for plan in rows[:26].explain(), rows.order_by().values_list(*GROUP_FIELDS)[:5001].explain():
            assert any(name in plan for name in index.split("|")), (query, plan)


def test_newest_tickets_of_an_hour_are_found_by_an_index(many_tickets):
    rows = DeskFilter(QueryDict("opened_hour=9"), queryset=Ticket.objects.all()).rows
    plan = rows[:26].explain()
    assert "Index Scan Backward using ticket_by_opening" in plan
    assert "Index Cond: (((((date_part('isodow'" in plan
