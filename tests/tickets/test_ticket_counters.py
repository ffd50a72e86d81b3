import threading
from collections import Counter

import pytest
from django.db import DatabaseError, connection, transaction

from campus_helpdesk.celery import app
from common.roles import Role
from tests.support.factories import HELPDESK, make_ticket
from tickets.actions import close_ticket
from tickets.categories import Category
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.tasks import recount_tickets
from tickets.ticket_counters import (
    GROUP_FIELDS,
    Count,
    TicketCount,
    count_all,
    count_up_to,
    read_counts,
    recount,
)

pytestmark = pytest.mark.django_db


def read() -> dict[tuple, int]:
    return {tuple(group): tickets for *group, tickets in read_counts(*GROUP_FIELDS)}


def counted() -> dict[tuple, int]:
    return dict(Counter(Ticket.objects.values_list(*GROUP_FIELDS)))


def test_counts_follow_every_change_of_a_ticket():
    assert read() == {}
    tickets = [make_ticket(status) for status in ("open", "open", "active", "active", "closed")]
    assert read() == counted() != {}
    close_ticket(tickets[2], by=HELPDESK)
    assert read() == counted()
    Ticket.objects.filter(status="open").update(needs_review=True)
    assert read() == counted()
    assert dict(read_counts("status")) == {"open": 2, "active": 1, "closed": 2}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("tickets", [0, 2, 3, 4])
def test_count_up_to_is_exact_up_to_the_limit(monkeypatch, role, tickets):
    for _ in range(tickets):
        make_ticket(building="Library")
    for _ in range(4):
        make_ticket("closed", building="Gym")
    seen = Ticket.objects.visible_to(role)
    of_library = count_up_to(seen.filter(building="Library"), 3)
    expected = Count(tickets) if tickets <= 3 else Count(3, is_capped=True)
    assert of_library.total(Status.values, Category.values) == expected
    assert count_up_to(seen.filter(building="Gym"), 3).total(Status.values, Category.values) == (
        Count(3, is_capped=True) if role == Role.HELPDESK else Count(0)
    )
    assert count_up_to(seen.none(), 3).groups == []


def test_every_part_of_a_capped_count_is_capped(monkeypatch):
    for status in ("open", "open", "active", "closed"):
        make_ticket(status)
    whole = count_up_to(Ticket.objects.all(), 4)
    assert (whole.limit, sorted(whole.groups)) == (None, sorted(count_all().groups))
    assert whole.total(["open"], Category.values) == Count(2)
    part = count_up_to(Ticket.objects.all(), 3)
    assert all(part.total([status], Category.values).is_capped for status in Status.values)
    assert count_all().total(Status.values, Category.values) == Count(4)


def test_refused_and_rolled_back_changes_are_not_counted():
    ticket = make_ticket()
    before = read()
    with pytest.raises(DatabaseError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    with transaction.atomic():
        make_ticket()
        transaction.set_rollback(True)
    assert read() == before == counted()


def test_edit_of_a_text_writes_no_counter_row():
    ticket = make_ticket()
    rows = TicketCount.objects.count()
    Ticket.objects.filter(pk=ticket.pk).update(triage_model="another")
    assert TicketCount.objects.count() == rows


def test_recount_leaves_one_row_per_group_and_the_same_counts():
    for _ in range(5):
        make_ticket()
    before = read()
    recount_tickets()
    assert read() == before
    assert TicketCount.objects.count() == len(before)
    assert recount_tickets.name in {entry["task"] for entry in app.conf.beat_schedule.values()}


@pytest.mark.django_db(transaction=True)
def test_emptied_table_has_no_counts():
    make_ticket()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tickets_ticket CASCADE")
    assert read() == {} == counted()


@pytest.mark.django_db(transaction=True)
def test_recount_repairs_a_change_made_without_triggers():
    make_ticket()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket DISABLE TRIGGER USER")
        cursor.execute("UPDATE tickets_ticket SET needs_review = NOT needs_review")
        cursor.execute("ALTER TABLE tickets_ticket ENABLE TRIGGER USER")
    assert read() != counted()
    recount()
    assert read() == counted()


@pytest.mark.django_db(transaction=True)
def test_counts_are_right_under_concurrent_writes_and_recounts():
    wrong = []

    def work(job) -> None:
        try:
            for _ in range(15):
                job()
        finally:
            connection.close()

    def compare() -> None:
        """Both in one transaction that sees one snapshot."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            wrong.extend([(read(), counted())] if read() != counted() else [])

    jobs = [make_ticket, lambda: make_ticket("closed"), recount, recount, compare]
    threads = [threading.Thread(target=work, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(Ticket.objects.all())) == ([], 30)
    assert read() == counted()
