"""Any list in any order: its pages, forward and back, are the list."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F, FloatField, QuerySet, Value
from django.db.models.functions import Cast, Mod
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_common.pagination.cursors import Cursor
from django_common.pagination.keyset import KeysetPage, read_page, rows_after
from tests.support.factories import store_as_is
from tickets.models import Ticket

MOMENT = datetime(2019, 5, 5, tzinfo=UTC)
# Ascending, descending, with an annotation in front, and of both directions.
ORDERINGS = [
    ("opened_at", "id"),
    ("-opened_at", "-id"),
    ("-rank", "-opened_at", "-id"),
    ("rank", "-opened_at", "id"),
    ("-id",),
]


def store_tickets(minutes: list[int]) -> QuerySet[Ticket]:
    """One ticket for each, opened that many minutes after the moment; with a rank that many share: a number
    that no decimal represents exactly."""
    opened = [MOMENT + timedelta(minutes=minute) for minute in minutes]
    tickets = [Ticket(category="it", opened_at=moment, modified_at=moment) for moment in opened]
    store_as_is(tickets)
    rank = Cast(Mod(F("id"), 3), FloatField()) / Value(3.0)
    return Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).annotate(rank=rank)


def read_forward(rows, ordering, size: int) -> list[KeysetPage]:
    pages = [read_page(rows, ordering, None, size)]
    while pages[-1].next:
        pages.append(read_page(rows, ordering, pages[-1].next, size))
    return pages


def read_back(rows, ordering, size: int, page: KeysetPage) -> list[KeysetPage]:
    pages = [page]
    while pages[0].previous:
        pages.insert(0, read_page(rows, ordering, pages[0].previous, size))
    return pages


def ids(pages: list[KeysetPage]) -> list[int]:
    return [ticket.pk for page in pages for ticket in page.rows]


@pytest.mark.django_db
@pytest.mark.parametrize("ordering", ORDERINGS, ids=",".join)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 3), min_size=1, max_size=14), size=st.integers(1, 6))
def test_pages_are_the_same_forward_and_back_with_equal_values(db, ordering, minutes, size):
    rows = store_tickets(minutes)
    whole = [ticket.pk for ticket in rows.order_by(*ordering)]
    forward = read_forward(rows, ordering, size)
    assert ids(forward) == whole
    assert [len(page.rows) for page in forward[:-1]] == [size] * (len(forward) - 1)
    back = read_back(rows, ordering, size, forward[-1])
    assert [page.rows for page in back][1:] == [page.rows for page in forward][1:]
    assert ids(back) == whole


@pytest.mark.django_db
@pytest.mark.parametrize("ordering", ORDERINGS, ids=",".join)
def test_rows_removed_between_pages_hide_no_others(ordering):
    rows = store_tickets([0] * 12)
    first = read_page(rows, ordering, None, 4)
    leaving = [ticket.pk for ticket in first.rows[2:]]
    still_there = rows.exclude(pk__in=leaving)
    onward = read_page(still_there, ordering, first.next, 100)
    assert set(ids([first, onward])) == set(ids([read_page(rows, ordering, None, 100)]))
    back = read_page(still_there, ordering, onward.previous, 4)
    assert back.rows == first.rows[:2]


@pytest.mark.django_db
@pytest.mark.parametrize("ordering", ORDERINGS, ids=",".join)
def test_empty_page_links_back_to_the_rows_beside_it(ordering):
    rows = store_tickets([0] * 6)
    first = read_page(rows, ordering, None, 3)
    emptied = rows.filter(pk__in=ids([first]))
    after = read_page(emptied, ordering, first.next, 3)
    assert (after.rows, after.next) == ([], None)
    assert read_page(emptied, ordering, after.previous, 3).rows == first.rows
    second = read_page(rows, ordering, first.next, 3)
    emptied = rows.filter(pk__in=ids([second]))
    before = read_page(emptied, ordering, second.previous, 3)
    assert (before.rows, before.previous) == ([], None)
    assert read_page(emptied, ordering, before.next, 3).rows == second.rows


@pytest.mark.django_db
def test_emptied_list_has_no_links():
    cursor = Cursor((str(MOMENT), "1"), is_inclusive=True)
    assert read_page(Ticket.objects.all(), ("opened_at", "id"), cursor, 3) == KeysetPage([], None, None)


@pytest.mark.django_db
@pytest.mark.parametrize("ordering", ORDERINGS[:2], ids=",".join)
def test_page_start_is_found_by_an_index(ordering):
    store_tickets([0] * 5)
    page = read_page(Ticket.objects.all(), ordering, None, 2)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    assert "Index Cond: (ROW(opened_at, id)" in explain(ordering, page.next)


def explain(ordering, cursor: Cursor) -> str:
    """How PostgreSQL finds the rows of the page."""
    rows = Ticket.objects.all()
    return rows.filter(rows_after(rows, ordering, cursor)).order_by(*ordering)[:3].explain()
