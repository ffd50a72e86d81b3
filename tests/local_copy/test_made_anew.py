"""The workers' copy of the facts: whatever happens to it or to the helpdesk, no number changes."""

import random

import pytest
from django.core.management import call_command
from django.db import connection

from analytics_workers.facts_copy import copy_file, local_copy
from tests.support.factories import HELPDESK, make_ticket
from tickets.actions import activate_ticket
from tickets.following.actions import give_feedback
from tickets.following.models import SecretLink
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_copy_of_an_earlier_release_is_rebuilt(follows):
    content = follows.file.read_bytes()
    follows.file.write_bytes(content.replace(b"helpdesk facts 3", b"helpdesk facts 2"))
    assert follows.check() == ["all"]


def test_missing_copy_is_rebuilt(follows):
    follows.file.unlink()
    assert follows.check() == ["all"]


def test_copy_with_any_changed_byte_is_rebuilt(follows):
    whole = follows.file.read_bytes()
    chance = random.Random(7)
    places = [
        0,
        30,
        copy_file.HEADER_BYTES,
        len(whole) - 1,
        *(chance.randrange(len(whole)) for _ in range(60)),
    ]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        follows.file.write_bytes(damaged)
        assert follows.check() == ["all"], place


@pytest.mark.parametrize("cut", [0, 1, 63, 64, 200, -1])
def test_truncated_copy_is_rebuilt(follows, cut):
    follows.file.write_bytes(follows.file.read_bytes()[:cut])
    assert follows.check() == ["all"]


REMOVE = """
    DELETE FROM tickets_ticketevent WHERE pgh_obj_id = (SELECT max(id) FROM tickets_ticket);
    DELETE FROM tickets_ticket WHERE id = (SELECT max(id) FROM tickets_ticket)
"""
MOVE = "UPDATE tickets_ticket SET building = 'Moved' WHERE id = (SELECT max(id) FROM tickets_ticket)"


@pytest.mark.parametrize("trouble", [REMOVE, MOVE])
def test_copy_that_differs_from_the_helpdesk_is_rebuilt(follows, trouble, monkeypatch):
    """What bypasses the triggers is found when count and checksum are compared, every hour."""
    tables = ("tickets_ticket", "tickets_ticketevent")
    with connection.cursor() as cursor:
        for statement in (
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables),
            *trouble.split(";"),
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables),
        ):
            cursor.execute(statement)
    monkeypatch.setattr(local_copy, "COMPARE_EVERY", 0)
    assert follows.check() == ["changes", "all"]


def test_copy_is_rebuilt_after_an_older_backup_was_restored(follows, tmp_path):
    file = tmp_path / "backup"
    call_command("backup", file)
    activate_ticket(make_ticket(building="Later"), by=HELPDESK)
    follows.check()
    call_command("restore", file, force=True)
    assert follows.check() == ["changes", "all"]
    assert "Later" not in set(follows.read()["building"])
    make_ticket(building="After")
    assert follows.check() == ["changes"]


@pytest.mark.parametrize("table", ["tickets_ticket", "tickets_feedback"])
def test_copy_is_rebuilt_after_all_rows_are_gone(follows, table):
    give_feedback(SecretLink(ticket=Ticket.objects.first()), is_solved="no", comment="")
    follows.check()
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")
    assert follows.check() == ["changes", "all"]
