import pytest
from django.db import transaction

from places.models import Place, Spelling
from places.spelling import spell_location
from places.unlisted import WrittenLocation, add_locations, forget_unnamed

pytestmark = pytest.mark.django_db


@transaction.atomic
def add(*locations: tuple[str, str, int]) -> None:
    add_locations(WrittenLocation(*location) for location in locations)


def names() -> set[tuple[str, str]]:
    return {(str(place.building or ""), place.name) for place in Place.objects.select_related("building")}


def test_spelling_with_the_greatest_weight_stays():
    add(("Cafe Nord", "1a", 2), ("Café Nord", "1A", 5), ("cafe nord", "", 4), ("Gym", "", 1))
    assert names() == {("", "Café Nord"), ("Café Nord", "1A"), ("", "Gym")}
    assert not Place.objects.filter(is_listed=True).exists()


def test_known_places_stay_as_they_are():
    spell_location("Gym", "Court", lambda names: False)
    add(("GYM", "COURT", 9), ("GYM", "Court 3", 1))
    assert names() == {("", "Gym"), ("Gym", "Court"), ("Gym", "Court 3")}
    assert Spelling.objects.count() == 3


def test_places_that_nobody_keeps_or_names_are_forgotten():
    add(("Gym", "Court", 1), ("Gym", "Bar", 1), ("Library", "Bar", 1), ("Zoo", "", 1))
    Place.objects.filter(name__in=["Court", "Gym"]).update(is_listed=True)
    forget_unnamed(
        [("GYM", "court"), ("Gym", "BAR"), ("ZOO", ""), ("Library", "Bar")],
        lambda names: names == {"building": "Library"},
    )
    assert names() == {("", "Gym"), ("Gym", "Court"), ("", "Library")}
