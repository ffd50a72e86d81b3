import threading

import pytest
from django.db import IntegrityError, connection

from common.errors import Hidden, Invalid, NotAllowed
from messaging.actions import post_message
from messaging.models import Message
from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.actions import close_ticket, edit_ticket, repair_ticket
from tickets.errors import KeyReused, WrongState
from tickets.models import Ticket


@pytest.mark.django_db
def test_post_message_returns_the_first_message_for_the_same_key():
    ticket = make_ticket()
    key = "k" * 200
    first = post_message(ticket, by=USER, body="Hello", key=key)
    modified = ticket.modified_at
    assert post_message(ticket, by=USER, body="Hello", key=key).pk == first.pk
    ticket.refresh_from_db()
    assert ticket.modified_at == modified
    assert post_message(ticket, by=HELPDESK, body="Hello", key=key).pk != first.pk


@pytest.mark.django_db
def test_post_message_refuses_another_text_under_the_same_key():
    ticket = make_ticket()
    post_message(ticket, by=HELPDESK, body="Between us", is_internal=True, key="k")
    for fields in ({"body": "Other words"}, {"body": "Between us", "is_internal": False}):
        with pytest.raises(KeyReused):
            post_message(ticket, by=HELPDESK, key="k", **fields)
    assert Message.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "k"])
def test_post_message_raises_the_violation_of_any_other_constraint(key):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE messaging_message ADD CONSTRAINT no_rain CHECK (body <> 'Rain')")
    with pytest.raises(IntegrityError, match="no_rain"):
        post_message(make_ticket(), by=USER, body="Rain", key=key)


def close_by_repair(ticket, *, by):
    return repair_ticket(ticket, by=by, reason="It was mended", changes={"status": "closed"})


@pytest.mark.django_db
@pytest.mark.parametrize("close", [close_ticket, close_by_repair])
def test_close_is_not_before_the_last_note_when_the_clock_goes_back(close):
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
def test_write_after_a_concurrent_close_is_hidden_from_users():
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
def test_refused_message_changes_nothing():
    ticket, closed = make_ticket(), make_ticket("closed")
    modified = ticket.modified_at
    for error, target, by, fields in [
        (Invalid, ticket, USER, {"body": " "}),
        (NotAllowed, ticket, USER, {"body": "x", "is_internal": True}),
        (Invalid, ticket, USER, {"body": "x", "key": "k" * 201}),
        (WrongState, closed, HELPDESK, {"body": "x"}),
    ]:
        with pytest.raises(error):
            post_message(target, by=by, **fields)
    ticket.refresh_from_db()
    assert ticket.modified_at == modified
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_message_is_later_than_a_concurrent_close():
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
