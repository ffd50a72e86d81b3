from hashlib import sha256
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campus_helpdesk.operations.integrity import check_invariants
from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.actions import activate_ticket, close_ticket, edit_ticket
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


def test_exact_spelling_of_a_closed_ticket_is_no_users_to_learn_either(user):
    """It is written as if there were no such ticket: as in another one, which the user sees."""
    closed = edit_ticket(make_ticket(building="Lab"), by=HELPDESK, version=1, changes={"building": "LAB"})
    close_ticket(activate_ticket(closed, by=HELPDESK), by=HELPDESK)
    make_ticket(building="Lab")
    assert make_ticket(building="LAB").building == "Lab"
    assert make_ticket(building="LAB", by=HELPDESK).building == "LAB"


def test_capitals_of_a_building_can_be_put_right():
    ticket = make_ticket(building="library")
    assert edit_ticket(ticket, by=USER, version=1, changes={"building": "Library"}).building == "Library"


def test_building_is_looked_for_among_all_names_only_where_it_is_new():
    """However many buildings there are, a report without a place or with a known one reads few rows."""
    make_ticket(building="Library")
    for building, walks in (("", 0), ("Library", 0), ("Gym", 1)):
        with CaptureQueriesContext(connection) as asked:
            make_ticket(building=building)
        assert sum("RECURSIVE" in query["sql"] for query in asked.captured_queries) == walks


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


def test_migration_keeps_a_name_within_its_column_that_grows_when_it_is_composed():
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
