"""Tickets that people write while a new release moves in."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from common.roles import Role
from tests.support.factories import HELPDESK, make_ticket, with_browser
from tests.support.locks import is_waiting
from tests.support.processes import wait_until
from tickets.duplicates.merging import merge_ticket
from tickets.facts import with_solved
from tickets.following.actions import give_feedback
from tickets.following.models import Feedback, SecretLink
from tickets.models import Ticket
from tickets.search import find_hits

WRITE = """
UPDATE tickets_ticket
SET description = 'The oscilloscope is dark', version = version + 1,
    modified_at = modified_at + interval '1 second'
"""

WRITE_MESSAGE = """
INSERT INTO messaging_message (ticket_id, author_role, author_name, body, is_internal, author_session, key)
VALUES (%s, 'user', '', 'The oscilloscope is dark', false, '', '')
"""


def migrate() -> None:
    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_text_written_while_the_index_is_built_is_found():
    """The writer began before and commits in the middle: the migration neither misses nor overtakes it."""
    ticket = make_ticket()
    parameters = connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}
    call_command("migrate", "tickets", "0009", verbosity=0)
    try:
        with psycopg.connect(**parameters) as writer, ThreadPoolExecutor() as pool:
            writer.execute(WRITE)
            migration = pool.submit(migrate)
            wait_until(lambda: is_waiting() or migration.done())
            writer.commit()
            migration.result()
    finally:
        migrate()
    assert list(Ticket.objects.matching(find_hits("oscilloscope", Role.USER))) == [ticket]


@pytest.mark.django_db(transaction=True)
def test_message_written_before_its_triggers_exist_is_found():
    ticket = make_ticket()
    call_command("migrate", "messaging", "0002", verbosity=0)
    try:
        with connection.cursor() as cursor:
            cursor.execute(WRITE_MESSAGE, [ticket.pk])
        assert not any(find_hits("oscilloscope", Role.USER).tiers)
    finally:
        migrate()
    assert list(Ticket.objects.matching(find_hits("oscilloscope", Role.USER))) == [ticket]


@pytest.mark.django_db(transaction=True)
def test_followers_get_the_reasons_that_no_merge_brought():
    kept, duplicate = make_ticket(by=with_browser("own")), make_ticket(by=with_browser("brought"))
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    call_command("migrate", "tickets", "0022", verbosity=0)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE tickets_follower SET merged_from_id = %s WHERE ticket_id = %s AND reason = 'me_too'",
                [duplicate.pk, kept.pk],
            )
    finally:
        migrate()
    assert set(kept.followers.values_list("reason", "own_reason")) == {
        ("reported", "reported"),
        ("me_too", ""),
    }


@pytest.mark.django_db(transaction=True)
def test_answers_given_before_the_analysis_of_them_are_facts():
    ticket = make_ticket("closed")
    call_command("migrate", "tickets", "0024", verbosity=0)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO tickets_feedback VALUES (%s, false, 'Still dark', now())", [ticket.pk]
            )
    finally:
        migrate()
    assert list(with_solved(Ticket.objects.all()).values_list("pk", "solved")) == [(ticket.pk, "no")]
    assert Feedback.objects.get().changed_xid == 0
    give_feedback(SecretLink(ticket=ticket), is_solved="yes", comment="")
    assert Feedback.objects.get().changed_xid > 0
