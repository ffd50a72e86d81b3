import threading

import pytest
from django.db import connection

from common.errors import Hidden, Invalid, NotAllowed
from messaging.actions import post_message
from messaging.models import Message
from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.actions import close_ticket, edit_ticket, repair_ticket
from tickets.errors import KeyReused, WrongState
from tickets.models import Ticket


@pytest.mark.django_db
def test_post_message_once_a_key():
    ticket = make_ticket()
    longest = "k" * 200
    first = post_message(ticket, by=USER, body="Hello", key=longest)
    modified = ticket.modified_at
    assert post_message(ticket, by=USER, body="Hello", key=longest).pk == first.pk
    ticket.refresh_from_db()
    assert ticket.modified_at == modified
    assert post_message(ticket, by=HELPDESK, body="Hello", key=longest).pk != first.pk


@pytest.mark.django_db
def test_post_message_drops_nothing_that_comes_under_a_used_key():
    ticket = make_ticket()
    post_message(ticket, by=HELPDESK, body="Between us", is_internal=True, key="k")
    for fields in ({"body": "Other words"}, {"body": "Between us", "is_internal": False}):
        with pytest.raises(KeyReused):
            post_message(ticket, by=HELPDESK, key="k", **fields)
    assert Message.objects.count() == 1


def close_by_repair(ticket, *, by):
    return repair_ticket(ticket, by=by, reason="It was mended", changes={"status": "closed"})


@pytest.mark.django_db
@pytest.mark.parametrize("close", [close_ticket, close_by_repair])
def test_a_ticket_closes_after_its_notes_when_the_clock_has_gone_back(close):
    ticket = make_ticket("active")
    note = post_message(ticket, by=HELPDESK, body="Ordered", is_internal=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, column in (("tickets_ticketevent", "pgh_created_at"), ("messaging_message", "sent_at")):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET {column} = {column} + interval '1 day'")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    close(ticket, by=HELPDESK)
    note.refresh_from_db()
    assert note.sent_at <= ticket.closed_at == ticket.modified_at


@pytest.mark.django_db(transaction=True)
def test_a_write_that_lost_against_a_close_hides_the_ticket_from_its_user():
    ticket = make_ticket("active")
    stale = Ticket.objects.get(pk=ticket.pk)
    close_ticket(ticket, by=HELPDESK)
    with pytest.raises(Hidden):
        post_message(stale, by=USER, body="Still broken")
    with pytest.raises(Hidden):
        edit_ticket(
            Ticket(pk=ticket.pk, version=2, status="active"), by=USER, version=2, changes={"room": "1"}
        )


@pytest.mark.django_db
def test_post_message_refuses_and_changes_nothing():
    ticket, closed = make_ticket(), make_ticket("closed")
    modified = ticket.modified_at
    for refusal, target, by, fields in [
        (Invalid, ticket, USER, {"body": " "}),
        (NotAllowed, ticket, USER, {"body": "x", "is_internal": True}),
        (Invalid, ticket, USER, {"body": "x", "key": "k" * 201}),
        (WrongState, closed, HELPDESK, {"body": "x"}),
    ]:
        with pytest.raises(refusal):
            post_message(target, by=by, **fields)
    ticket.refresh_from_db()
    assert ticket.modified_at == modified
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_message_slips_under_a_ticket_that_is_being_closed():
    ticket = make_ticket("active")
    barrier = threading.Barrier(9)

    def write(number):
        same = Ticket.objects.get(pk=ticket.pk)
        barrier.wait()
        try:
            post_message(same, by=HELPDESK, body=f"Message {number}", is_internal=number % 2 == 0)
        except WrongState:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    [thread.start() for thread in threads]
    barrier.wait()
    close_ticket(ticket, by=HELPDESK)
    [thread.join() for thread in threads]
    late = Message.objects.filter(ticket=ticket, sent_at__gt=ticket.closed_at)
    assert not late.exists()
