import pytest

from common.errors import Invalid
from places.edits import PlaceFields, clean_place, write_place
from places.models import Place
from places.spelling import find_place, spell_location

pytestmark = pytest.mark.django_db


def keep(name: str, *spellings: str, place: Place | None = None, building: Place | None = None, **fields):
    return write_place(
        place or Place(building=building), clean_place(PlaceFields(name, spellings=spellings, **fields))
    )


def spellings(place: Place) -> set[str]:
    return set(place.spellings.values_list("text", flat=True))


def test_place_is_found_by_all_that_the_helpdesk_wrote():
    place = keep("Central  Library", "Main Library", "", "main library", code="CL", campus="North")
    assert (place.name, place.code, place.campus, place.is_listed) == ("Central Library", "CL", "North", True)
    assert spellings(place) == {"Central Library", "main library", "CL"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\u3164"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a", "code": "x" * 21}, "code"),
        ({"name": "a", "campus": "x" * 101}, "campus"),
        ({"name": "a", "spellings": ("b", "x" * 101)}, "spellings"),
    ],
)
def test_bad_field_is_named(fields, field):
    with pytest.raises(Invalid) as refusal:
        clean_place(PlaceFields(**fields))
    assert list(refusal.value.errors) == [field]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "central library"}, "name"),
        ({"name": "Gym", "code": "cl"}, "code"),
        ({"name": "Gym", "spellings": ("CL",)}, "spellings"),
    ],
)
def test_spelling_of_another_kept_place_is_refused(fields, field):
    keep("Central Library", code="CL")
    with pytest.raises(Invalid, match="already names Central Library") as refusal:
        write_place(Place(), PlaceFields(**fields))
    assert list(refusal.value.errors) == [field]


def test_old_name_of_a_renamed_place_is_one_of_its_spellings():
    place = keep("Old Hall", "OH")
    keep("New Hall", place=place)
    assert spellings(place) == {"Old Hall", "New Hall"}
    keep("New Hall", place=place)
    assert spellings(place) == {"New Hall"}


def test_written_places_with_one_of_its_spellings_become_part_of_it():
    spell_location("Main Bldg", "1.01", lambda names: False)
    spell_location("MB", "1.02", lambda names: False)
    place = keep("Main Building", "main bldg", code="MB")
    assert Place.objects.buildings().get() == place
    assert {str(room) for room in place.rooms.all()} == {"1.01", "1.02"}
    assert find_place("1.02", place).building == place


def test_room_that_both_buildings_have_stays_one():
    kept = keep("Main Building")
    keep("1.01", "Hall", building=kept)
    spell_location("Main Bldg", "1.01", lambda names: False)
    keep("Main Building", "Main Bldg", place=kept)
    assert kept.rooms.get().name == "1.01"
    assert spellings(kept.rooms.get()) == {"1.01", "Hall"}


def test_rooms_of_two_buildings_may_have_the_same_name():
    for name in ("Main Building", "Gym"):
        keep("1.01", building=keep(name))
    assert Place.objects.filter(name="1.01").count() == 2
