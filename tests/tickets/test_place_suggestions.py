import pytest

from places.edits import PlaceFields
from places.spelling import find_place
from tests.support.factories import HELPDESK, make_ticket
from tickets.place_actions import keep_places, save_place
from tickets.place_suggestions import MAX_SUGGESTED, suggest_buildings, suggest_rooms

pytestmark = pytest.mark.django_db


def buildings(text: str = "", role: str = "user") -> list[str]:
    return [place.name for place in suggest_buildings(text, role)]


def rooms(building: str, text: str = "", role: str = "user") -> list[str]:
    return [place.name for place in suggest_rooms(building, text, role)]


def test_kept_buildings_come_before_those_of_visible_tickets():
    make_ticket(building="Annex")
    save_place(None, by=HELPDESK, fields=PlaceFields("Zoo"))
    assert buildings() == ["Zoo", "Annex"]


def test_buildings_and_rooms_of_closed_tickets_are_not_suggested_to_users():
    make_ticket("closed", building="Secret Lab", room="Vault")
    make_ticket("active", building="Gym", room="Court")
    make_ticket("closed", building="Gym", room="Cellar")
    assert (buildings(), rooms("gym"), rooms("secret lab"), rooms("nowhere")) == (["Gym"], ["Court"], [], [])
    assert buildings(role="helpdesk") == ["Gym", "Secret Lab"]
    assert rooms("gym", role="helpdesk") == ["Cellar", "Court"]


def test_places_are_found_by_part_of_any_spelling():
    library = save_place(None, by=HELPDESK, fields=PlaceFields("Central Library", "CL", "", ("Bücherei",)))
    save_place(None, by=HELPDESK, fields=PlaceFields("1.01", spellings=("Reading Room",)), building=library)
    for text in ("cent", "LIB", "cl", "BUCH"):
        assert buildings(text) == ["Central Library"], text
    assert rooms("cl", "reading") == rooms("bücherei", "01") == ["1.01"]
    assert buildings("gym") == rooms("cl", "2") == []


def test_places_out_of_use_are_not_suggested():
    make_ticket(building="Gym")
    keep_places([find_place("Gym")], by=HELPDESK, is_active=False)
    assert buildings() == []


def test_many_suggestions_are_cut(django_assert_num_queries):
    for number in range(MAX_SUGGESTED + 5):
        save_place(None, by=HELPDESK, fields=PlaceFields(f"Hall {number}"))
    with django_assert_num_queries(1):
        assert len(buildings("hall")) == MAX_SUGGESTED
