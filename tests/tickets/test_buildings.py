from hashlib import sha256
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campus_helpdesk.operations.integrity import check_integrity
from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.actions import activate_ticket, close_ticket, edit_ticket
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


def test_building_gets_the_spelling_of_earlier_tickets(user):
    make_ticket(building="Central Library")
    for written in ("central library", "CENTRAL  LIBRARY", "Central\u00a0Library"):
        assert make_ticket(building=written).building == "Central Library"


def test_spelling_of_a_closed_ticket_is_not_revealed_to_users(user):
    make_ticket("closed", building="Secret Lab")
    assert make_ticket(building="SECRET LAB").building == "SECRET LAB"
    assert make_ticket(building="secret lab", by=HELPDESK).building in ("SECRET LAB", "Secret Lab")


def test_exact_spelling_of_a_closed_ticket_is_not_revealed_to_users(user):
    """It is written as if there were no such ticket: as in another one, which the user sees."""
    closed = edit_ticket(make_ticket(building="Lab"), by=HELPDESK, version=1, changes={"building": "LAB"})
    close_ticket(activate_ticket(closed, by=HELPDESK), by=HELPDESK)
    make_ticket(building="Lab")
    assert make_ticket(building="LAB").building == "Lab"
    assert make_ticket(building="LAB", by=HELPDESK).building == "LAB"


def test_case_of_a_building_can_be_corrected():
    ticket = make_ticket(building="library")
    assert edit_ticket(ticket, by=USER, version=1, changes={"building": "Library"}).building == "Library"


def test_all_buildings_are_read_only_for_a_new_name():
    """However many buildings there are, a report without a building or with a known one reads few rows."""
    make_ticket(building="Library")
    for building, walks in (("", 0), ("Library", 0), ("Gym", 1)):
        with CaptureQueriesContext(connection) as queries:
            make_ticket(building=building)
        assert sum("RECURSIVE" in query["sql"] for query in queries.captured_queries) == walks


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
