import pytest

from places.models import Place, Spelling
from places.spelling import find_place, same_parts, spell_location, spelling_key

pytestmark = pytest.mark.django_db


def list_place(name: str, *spellings: str, building: Place | None = None) -> Place:
    place = Place.objects.create(name=name, building=building)
    for text in (name, *spellings):
        Spelling.objects.create(place=place, building=building, text=text, key=spelling_key(text))
    return place


def never(names: dict[str, str]) -> bool:
    return False


def always(names: dict[str, str]) -> bool:
    return True


@pytest.mark.parametrize("text", ["cafe nord", "CAFÉ  NORD", "Cafe\u0301 Nord", "CN", "cn", "Nordcafé"])
def test_listed_building_is_found_by_name_code_and_other_spellings(text):
    place = list_place("Café Nord", "CN", "Nordcafe")
    assert find_place(text) == place
    assert spell_location(text, "", never) == ("Café Nord", "")


def test_key_of_accents_only_is_not_empty():
    assert spelling_key("\u0301") == "\u0301"


def test_key_of_the_longest_names_fits():
    assert len(spelling_key("\ufdfa" * 100)) == 300


def test_new_location_becomes_rows_that_nobody_keeps():
    assert spell_location("Gym", "Court 2", never) == ("Gym", "Court 2")
    building, room = Place.objects.order_by("pk")
    assert (building.name, building.is_listed, building.building) == ("Gym", False, None)
    assert (room.name, room.is_listed, room.building) == ("Court 2", False, building)


def test_written_place_keeps_its_spelling_while_it_is_seen():
    spell_location("Gym", "Court 2", never)
    assert spell_location("GYM", "court 2", always) == ("Gym", "Court 2")


def test_unseen_spelling_is_replaced_by_the_writers_own():
    spell_location("Gym", "Court 2", never)
    assert spell_location("GYM", "court 2", never) == ("GYM", "court 2")
    assert list(Place.objects.order_by("pk").values_list("name", flat=True)) == ["GYM", "court 2"]
    assert set(Spelling.objects.values_list("text", flat=True)) == {"GYM", "court 2"}


def test_rooms_of_two_buildings_may_have_one_name():
    assert spell_location("Gym", "1.01", never) == ("Gym", "1.01")
    assert spell_location("Library", "1.01", never) == ("Library", "1.01")
    assert Place.objects.exclude(building=None).count() == 2


def test_room_without_a_building_gets_no_row():
    assert spell_location("", "1.01", never) == ("", "1.01")
    assert not Place.objects.exists()


def test_same_parts_are_those_that_are_one_place():
    building = list_place("Gym", "Sports Hall")
    list_place("Court 2", "C2", building=building)
    assert same_parts(("Sports Hall", "c2"), ("gym", "Court 2")) == {"building", "room"}
    assert same_parts(("Sports Hall", "c3"), ("gym", "Court 2")) == {"building"}
    assert same_parts(("Library", "c2"), ("gym", "c2")) == set()
    assert same_parts(("Library", ""), ("Museum", "")) == set()
