import threading
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from campus_helpdesk.operations.integrity import check_integrity
from django_common.triggers import bypass_trigger
from places.edits import PlaceFields
from places.models import Place, Spelling
from places.spelling import spelling_key
from tests.support.factories import HELPDESK, OTHER_USER, USER, make_ticket, row
from tickets import locations
from tickets.actions import activate_ticket, close_ticket, edit_ticket, repair_ticket
from tickets.history import history_rows, visible_events
from tickets.locations import respell_tickets
from tickets.models import Ticket
from tickets.place_actions import save_place
from tickets.search import find_hits
from tickets.triggers import RESPELLING

pytestmark = pytest.mark.django_db


def rename(old: str, new: str) -> None:
    """The row only, as the first half of what the helpdesk does."""
    place = Place.objects.get(name=old)
    Place.objects.filter(pk=place.pk).update(name=new, is_listed=True)
    Spelling.objects.create(place=place, building=place.building, text=new, key=spelling_key(new))


def violations() -> list[str]:
    return [str(finding) for finding in check_integrity() if finding.violations]


def test_building_gets_the_spelling_of_earlier_tickets():
    make_ticket(building="Café Nord", room="A 1")
    for written in ("café nord", "CAFE  NORD", "Cafe\u0301\u00a0Nord"):
        ticket = make_ticket(building=written, room="a 1", by=OTHER_USER)
        assert (ticket.building, ticket.room) == ("Café Nord", "A 1")


def test_spelling_of_a_closed_ticket_is_not_revealed_to_users():
    make_ticket("closed", building="Secret Lab", room="Vault")
    ticket = make_ticket(building="SECRET LAB", room="VAULT")
    assert (ticket.building, ticket.room) == ("SECRET LAB", "VAULT")
    assert make_ticket(building="secret lab", room="vault", by=HELPDESK).location == "SECRET LAB, VAULT"


def test_closed_tickets_follow_the_spelling_that_users_see():
    closed = make_ticket("closed", building="Secret Lab")
    make_ticket(building="SECRET LAB")
    assert respell_tickets(5)
    closed.refresh_from_db()
    assert closed.building == "SECRET LAB"
    assert violations() == []


def test_case_of_a_building_can_be_corrected_by_its_only_ticket():
    ticket = make_ticket(building="library")
    edited = edit_ticket(ticket, by=USER, version=1, changes={"building": "Library"})
    assert (edited.building, Place.objects.get().name) == ("Library", "Library")
    changes = [event.changes for event in history_rows(visible_events(ticket, "user"), "user")]
    assert changes[-1] == {"building": ["library", "Library"]}


def test_building_of_others_keeps_its_spelling():
    make_ticket(building="library")
    ticket = make_ticket(building="Gym")
    edited = edit_ticket(ticket, by=USER, version=1, changes={"building": "LIBRARY"})
    assert edited.building == "library"
    assert edit_ticket(edited, by=USER, version=2, changes={"building": "LIBRARY"}).version == 2


def test_correction_in_the_admin_is_spelled_as_well():
    make_ticket(building="library", room="1a")
    ticket = make_ticket("closed", building="Gym")
    repaired = repair_ticket(
        ticket, by=HELPDESK, reason="wrong", changes={"building": "LIBRARY", "room": "1A"}
    )
    assert repaired.location == "library, 1a"


def test_report_reads_few_rows_however_many_buildings_there_are():
    for building in ("Library", "Gym", "Zoo"):
        make_ticket(building=building)
    counts = []
    for building in ("", "Library", "Museum"):
        with CaptureQueriesContext(connection) as queries:
            make_ticket(building=building)
        counts.append(sum("places_" in query["sql"] for query in queries.captured_queries))
    assert counts == [0, 1, 3]


@pytest.mark.django_db(transaction=True)
def test_ticket_that_was_written_while_its_room_was_renamed_gets_the_new_name():
    hall = save_place(None, by=HELPDESK, fields=PlaceFields("Hall"))
    cellar = save_place(None, by=HELPDESK, fields=PlaceFields("Cellar"), building=hall)
    written = threading.Event()

    def rename_cellar() -> None:
        written.wait()
        save_place(cellar, by=HELPDESK, fields=PlaceFields("0.01"))
        connection.close()

    renaming = threading.Thread(target=rename_cellar)
    renaming.start()
    with transaction.atomic():
        ticket = make_ticket(building="hall", room="cellar")
        written.set()
        renaming.join(timeout=0.5)
        assert renaming.is_alive()
    renaming.join()
    ticket.refresh_from_db()
    assert ticket.location == "Hall, 0.01"


def test_renamed_building_takes_all_its_tickets_along():
    tickets = [make_ticket(status, building="Old Hall") for status in ("open", "active", "closed")]
    before = [row(ticket) for ticket in tickets]
    rename("Old Hall", "New Hall")
    assert respell_tickets(5)
    for ticket, old in zip(tickets, before, strict=True):
        new = row(ticket)
        assert new.pop("building") == "New Hall"
        assert new.pop("changed_xid") >= old["changed_xid"]
        assert new == {name: old[name] for name in new}
    assert Ticket.objects.matching(find_hits("new hall", "helpdesk")).count() == 3
    assert not Ticket.objects.matching(find_hits('"old hall"', "helpdesk")).exclude(rank__lt=0).exists()
    assert violations() == []


def test_edit_of_the_version_before_a_new_name_is_accepted():
    ticket = make_ticket(building="Old Hall")
    rename("Old Hall", "New Hall")
    respell_tickets(5)
    changes = {"building": "Old Hall", "description": "The door does not close"}
    edited = edit_ticket(Ticket.objects.get(), by=USER, version=ticket.version, changes=changes)
    assert (edited.building, edited.version) == ("New Hall", 2)


def test_new_name_is_nobodys_change_in_the_history():
    ticket = make_ticket(building="Old Hall")
    rename("Old Hall", "New Hall")
    respell_tickets(5)
    ticket.refresh_from_db()
    activate_ticket(ticket, by=HELPDESK)
    edit_ticket(ticket, by=USER, version=2, changes={"description": "It rains in"})
    rows = list(history_rows(visible_events(ticket, "user"), "user"))
    assert [list(event.changes) for event in rows] == [["status", "category"], ["status"], ["description"]]


def test_tickets_follow_in_steps_that_others_can_go_between(monkeypatch):
    monkeypatch.setattr(locations, "BATCH", 2)
    for _ in range(5):
        make_ticket(building="Old Hall")
    rename("Old Hall", "New Hall")
    assert not respell_tickets(0)
    assert Ticket.objects.filter(building="New Hall").count() == 2
    assert respell_tickets(5)
    assert Ticket.objects.filter(building="New Hall").count() == 5


def test_new_name_changes_nothing_but_the_location():
    ticket = make_ticket(building="Old Hall")
    with (
        pytest.raises(IntegrityError, match="changes nothing else"),
        transaction.atomic(),
        bypass_trigger(RESPELLING),
    ):
        Ticket.objects.filter(pk=ticket.pk).update(building="New Hall", description="Gone")


def test_buildings_written_without_a_row_get_one():
    make_ticket(building="Gym")
    Place.objects.all().delete()
    respell_tickets(5)
    assert Place.objects.get().name == "Gym"


def test_unlisted_building_that_no_ticket_names_is_forgotten():
    ticket = make_ticket(building="Gmy", room="1")
    edit_ticket(ticket, by=USER, version=1, changes={"building": "Gym"})
    respell_tickets(5)
    assert set(Place.objects.buildings().values_list("name", flat=True)) == {"Gym"}


def test_first_start_makes_rows_of_what_tickets_say():
    """In the spelling that users see, even if most tickets have another one."""
    for _ in range(3):
        make_ticket("closed", building="CAFE NORD", room="1")
    make_ticket("closed", building="Gym")
    Place.objects.all().delete()
    make_ticket(building="Café Nord", room="1")
    Place.objects.all().delete()
    import_module("tickets.migrations.0016_rows_of_places").add_rows(
        apps, type("Editor", (), {"connection": connection})
    )
    places = Place.objects.order_by("pk").values_list("name", "building__name", "is_listed")
    assert set(places) == {("Café Nord", None, False), ("Gym", None, False), ("1", "Café Nord", False)}
    respell_tickets(5)
    assert Ticket.objects.filter(building="Café Nord").count() == 4
    assert violations() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hidden", [False, True])
def test_two_first_reporters_at_once_write_one_spelling(hidden):
    """Also if there is a spelling that neither of them may learn."""
    if hidden:
        make_ticket("closed", building="new gym", room="court")
    barrier, made = threading.Barrier(6), []

    def report(building: str, room: str) -> None:
        barrier.wait()
        made.append(make_ticket(building=building, room=room).location)
        connection.close()

    written = [("New Gym", "Court"), ("NEW GYM", "COURT"), ("New gym", "court A"), ("NEW gym", "Court a")]
    written += [("nEW GYM", "cOURT"), ("New GYM", "COURT A")]
    threads = [threading.Thread(target=report, args=names) for names in written]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len({location.split(", ")[0] for location in made}) == 1
    assert len(set(made)) == 2


def test_closing_does_not_wait_for_places():
    ticket = make_ticket("active", building="Gym")
    with CaptureQueriesContext(connection) as queries:
        close_ticket(ticket, by=HELPDESK)
    assert not any("places_" in query["sql"] for query in queries.captured_queries)
