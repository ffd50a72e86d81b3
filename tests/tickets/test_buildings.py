from hashlib import sha256
from importlib import import_module

import pytest
from django.db import connection

from campus_helpdesk.operations.integrity import check_integrity
from tests.support.factories import make_ticket
from tickets.buildings import digest, find_buildings

pytestmark = pytest.mark.django_db
NAMES = ["Central Library", "Gym", "Zoë's Café 2", "library annex"]


def test_each_building_is_listed_once(django_assert_num_queries):
    for name in ["", *NAMES, *NAMES]:
        make_ticket(building=name)
    with django_assert_num_queries(1):
        assert find_buildings(lambda name: True) == NAMES
    assert find_buildings(lambda name: "library" in name.lower()) == [NAMES[0], NAMES[3]]


def test_no_buildings_are_listed_without_tickets_that_name_one():
    assert find_buildings(lambda name: True) == []
    make_ticket()
    assert find_buildings(lambda name: True) == []


def test_digest_is_the_beginning_of_the_sha256():
    assert digest("Zoë's Café 2") == sha256("Zoë's Café 2".encode()).hexdigest()[:16]


def test_migration_unifies_spellings_and_records_a_repair():
    migration = import_module("tickets.migrations.0011_one_spelling_of_buildings")
    kept, closed = make_ticket(building="Café Nord", room="7"), make_ticket("closed", building="Café Nord")
    written = {kept.pk: "Café Nord", closed.pk: "CAFÉ  Nord", make_ticket().pk: "Cafe\u0301 Nord"}
    written |= {make_ticket().pk: "Café Nord"}
    with connection.cursor() as cursor:
        for pk, building in written.items():
            cursor.execute(migration.SIGN)
            cursor.execute(
                "UPDATE tickets_ticket SET building = %s, version = version + 1,"
                " modified_at = modified_at + interval '1 second' WHERE id = %s",
                [building, pk],
            )
        cursor.execute(migration.SIGN)
        cursor.execute(migration.UNIFY)
    assert find_buildings(lambda name: True) == ["Café Nord"]
    closed.refresh_from_db()
    last = closed.events.last()
    assert (last.verb, last.by_role, last.building) == ("repaired", "database", "Café Nord")
    assert kept.events.count() == 2  # nothing was changed under it
    assert [finding for finding in check_integrity() if finding.violations] == []


def test_migration_cuts_a_name_that_grows_by_normalisation():
    migration = import_module("tickets.migrations.0011_one_spelling_of_buildings")
    ticket = make_ticket()
    with connection.cursor() as cursor:
        cursor.execute(migration.SIGN)
        cursor.execute(
            "UPDATE tickets_ticket SET building = %s, room = %s, version = version + 1,"
            " modified_at = modified_at + interval '1 second' WHERE id = %s",
            ["\u0958" * 60, "\u0959" * 60, ticket.pk],
        )
        cursor.execute(migration.SIGN)
        cursor.execute(migration.UNIFY)
    ticket.refresh_from_db()
    assert (ticket.building, ticket.room) == ("\u0915\u093c" * 50, "\u0916\u093c" * 50)
