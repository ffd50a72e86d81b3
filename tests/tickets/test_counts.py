import threading
from collections import Counter

import pytest
from django.db import DatabaseError, connection, transaction

from campus_helpdesk.celery import app
from tests.factories import HELPDESK, make_ticket
from tickets.actions import close_ticket
from tickets.counts import GROUP, TicketCount, read_counts, recount
from tickets.models import Ticket
from tickets.tasks import recount_tickets

pytestmark = pytest.mark.django_db


def read() -> dict[tuple, int]:
    return {tuple(group): tickets for *group, tickets in read_counts(*GROUP)}


def counted() -> dict[tuple, int]:
    return dict(Counter(Ticket.objects.values_list(*GROUP)))


def test_counts_follow_every_way_of_changing_a_ticket():
    assert read() == {}
    tickets = [make_ticket(status) for status in ("open", "open", "active", "active", "closed")]
    assert read() == counted() != {}
    close_ticket(tickets[2], by=HELPDESK)
    assert read() == counted()
    Ticket.objects.filter(status="open").update(needs_review=True)
    assert read() == counted()
    assert dict(read_counts("status")) == {"open": 2, "active": 1, "closed": 2}


def test_what_is_refused_or_rolled_back_counts_nothing():
    ticket = make_ticket()
    before = read()
    with pytest.raises(DatabaseError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    with transaction.atomic():
        make_ticket()
        transaction.set_rollback(True)
    assert read() == before == counted()


def test_an_edit_of_the_text_writes_no_count():
    ticket = make_ticket()
    rows = TicketCount.objects.count()
    Ticket.objects.filter(pk=ticket.pk).update(triage_model="another")
    assert TicketCount.objects.count() == rows


def test_recount_leaves_one_row_a_group_and_the_same_numbers():
    for _ in range(5):
        make_ticket()
    before = read()
    recount_tickets()
    assert read() == before
    assert TicketCount.objects.count() == len(before)
    assert recount_tickets.name in {entry["task"] for entry in app.conf.beat_schedule.values()}


@pytest.mark.django_db(transaction=True)
def test_emptied_table_counts_nothing():
    make_ticket()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tickets_ticket CASCADE")
    assert read() == {} == counted()


@pytest.mark.django_db(transaction=True)
def test_change_behind_the_triggers_is_mended_by_a_recount():
    make_ticket()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket DISABLE TRIGGER USER")
        cursor.execute("UPDATE tickets_ticket SET needs_review = NOT needs_review")
        cursor.execute("ALTER TABLE tickets_ticket ENABLE TRIGGER USER")
    assert read() != counted()
    recount()
    assert read() == counted()


@pytest.mark.django_db(transaction=True)
def test_counts_are_right_while_many_write_and_recount_at_once():
    wrong = []

    def work(job) -> None:
        try:
            for _ in range(15):
                job()
        finally:
            connection.close()

    def compare() -> None:
        """Of one statement's moment each: both in one transaction that sees one snapshot."""
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
