"""The database refuses invalid changes by itself: here, those of raw SQL."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from messaging.models import Message
from tests.support.factories import HELPDESK, make_conversation, make_ticket
from tickets.actions import correct_category
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

REFUSALS = r"pgtrigger: |check constraint|takes (no|the next)|stands|never overwrites|changes no"
NOW = "statement_timestamp() + interval '1 hour'"


def attack(sql: str) -> None:
    refused = pytest.raises(DatabaseError, match=REFUSALS)
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def force(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "assignment",
    [
        f"status = 'closed', activated_at = {NOW}, closed_at = {NOW}, modified_at = {NOW}",
        "status = 'reopened'",
        f"closed_at = {NOW}",
        "category = 'food'",
        "opened_at = opened_at - interval '1 day'",
        "modified_at = modified_at - interval '1 second'",
        "description = ''",
        "version = 0",
        "version = version + 2, modified_at = modified_at + interval '1 second'",
        "version = version + 1",
        f"status = 'active', activated_at = {NOW}, modified_at = {NOW}",
        "description = description || ' '",
        "description = E'\\u2003' || description",
        "description = repeat('a', 20001)",
    ],
)
def test_invalid_change_of_an_open_ticket_is_refused(assignment):
    make_ticket()
    attack(f"UPDATE tickets_ticket SET {assignment}")


@pytest.mark.parametrize(
    "assignment", ["description = 'other'", "category = 'it'", "status = 'active', closed_at = NULL"]
)
def test_change_of_a_closed_ticket_is_refused(assignment):
    make_ticket("closed")
    attack(f"UPDATE tickets_ticket SET {assignment}")


def test_ticket_starts_open_and_cannot_be_deleted():
    make_ticket()
    attack("DELETE FROM tickets_ticket")
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.create(description="x", category="it", status="active")


def test_machine_cannot_overwrite_a_persons_category():
    ticket = make_ticket()
    correct_category(ticket, by=HELPDESK, category="it", version=1)
    attack("UPDATE tickets_ticket SET category = 'services', category_source = 'machine'")


def test_messages_and_history_are_append_only():
    make_conversation(make_ticket())
    attack("UPDATE messaging_message SET body = 'never said'")
    attack("DELETE FROM messaging_message")
    attack("UPDATE tickets_ticketevent SET by_name = 'somebody else'")
    attack("DELETE FROM tickets_ticketevent")


def test_redaction_cannot_change_timestamps():
    make_ticket("closed")
    force("SELECT set_config('campus.redact', 'on', true)")
    attack(f"UPDATE tickets_ticket SET modified_at = {NOW}")
    attack("UPDATE tickets_ticket SET category = 'food'")
    force("UPDATE tickets_ticket SET description = '[redacted]'")


def test_history_timestamps_never_decrease():
    ticket = make_ticket()
    last = ticket.events.last().pgh_created_at
    force("ALTER TABLE tickets_ticketevent DISABLE TRIGGER USER")
    force("UPDATE tickets_ticketevent SET pgh_created_at = pgh_created_at + INTERVAL '1 day'")
    force("ALTER TABLE tickets_ticketevent ENABLE TRIGGER USER")
    force("UPDATE tickets_ticket SET room = '9'")
    assert ticket.events.last().pgh_created_at == last + timedelta(days=1, microseconds=1)


@pytest.mark.parametrize("body", ["' trailing '", "repeat('a', 20001)", "''"])
def test_untrimmed_or_too_long_message_is_refused(body):
    ticket = make_ticket()
    attack(
        "INSERT INTO messaging_message (ticket_id, author_role, author_name, body, is_internal,"
        f" author_session, key) VALUES ({ticket.pk}, 'user', '', {body}, false, '', '')"
    )


def test_message_under_a_closed_ticket_is_refused():
    ticket = make_ticket("closed")
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(ticket=ticket, author_role="user", body="late")


def test_note_by_a_user_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(ticket=make_ticket(), author_role="user", body="x", is_internal=True)


def test_raw_sql_is_recorded_in_the_history():
    ticket = make_ticket()
    connection.cursor().execute("SELECT set_config('campus.verb','',true), set_config('campus.role','',true)")
    force("UPDATE tickets_ticket SET room = '9'")
    last = ticket.events.last()
    assert (last.verb, last.by_role, last.room) == ("repaired", "database", "9")
