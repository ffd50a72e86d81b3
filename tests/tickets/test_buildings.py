from hashlib import sha256
from importlib import import_module

import pytest
from django.db import connection

from campus_helpdesk.operations.integrity import check_invariants
from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.actions import edit_ticket
from tickets.buildings import digest, find_buildings

pytestmark = pytest.mark.django_db
NAMES = ["Central Library", "Gym", "Zoë's Café 2", "library annex"]


def test_each_building_is_found_once_however_many_tickets_name_it(django_assert_num_queries):
    for name in ["", *NAMES, *NAMES]:
        make_ticket(building=name)
    with django_assert_num_queries(1):
        assert find_buildings(lambda name: True) == NAMES
    assert find_buildings(lambda name: "library" in name.lower()) == [NAMES[0], NAMES[3]]


def test_where_no_ticket_names_a_building_there_is_none():
    assert find_buildings(lambda name: True) == []
    make_ticket()
    assert find_buildings(lambda name: True) == []


def test_digest_begins_the_sha256_of_the_name():
    assert digest("Zoë's Café 2") == sha256("Zoë's Café 2".encode()).hexdigest()[:16]


def test_building_is_written_as_it_is_written_already(user):
    make_ticket(building="Central Library")
    for written in ("central library", "CENTRAL  LIBRARY", "Central\u00a0Library"):
        assert make_ticket(building=written).building == "Central Library"


def test_spelling_of_a_closed_ticket_is_no_users_to_learn(user):
    make_ticket("closed", building="Secret Lab")
    assert make_ticket(building="SECRET LAB").building == "SECRET LAB"
    assert make_ticket(building="secret lab", by=HELPDESK).building in ("SECRET LAB", "Secret Lab")


def test_capitals_of_a_building_can_be_put_right():
    ticket = make_ticket(building="library")
    assert edit_ticket(ticket, by=USER, version=1, changes={"building": "Library"}).building == "Library"


def test_migration_leaves_one_spelling_and_tells_it_as_a_repair():
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
    assert [finding for finding in check_invariants() if finding.violations] == []
