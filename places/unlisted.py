"""Places that are only written on tickets: many at once, and those that no ticket names any more."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db import connection

from places.models import Place, Spelling
from places.spelling import IsNamed, find_place, spelling_key

BATCH = 5_000
LOCK_TABLE = "LOCK TABLE places_spelling IN SHARE ROW EXCLUSIVE MODE"  # nobody else adds any meanwhile
Scope = tuple[int | None, str]  # the id of a room's building, and a key


class WrittenLocation(NamedTuple):
    """A building and a room as tickets name them. weight: the spelling with the greatest sum stays."""

    building: str
    room: str
    weight: int


def add_locations(
    locations: Iterable[WrittenLocation], places: Any = Place, spellings: Any = Spelling
) -> None:
    """Rows for all that have none yet, inside a transaction. The models are arguments for migrations, which
    have their own."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_TABLE)
    buildings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    rooms: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for location in locations:
        key = spelling_key(location.building)
        buildings[key][location.building] += location.weight
        if location.room:
            rooms[key, spelling_key(location.room)][location.room] += location.weight
    known = {
        (building, key): place
        for building, key, place in spellings.objects.values_list("building", "key", "place")
    }
    outer: dict[Scope, Counter[str]] = {(None, key): names for key, names in buildings.items()}
    ids = known | add_rows(without(outer, known), places, spellings)
    inner: dict[Scope, Counter[str]] = {(ids[None, key], room): names for (key, room), names in rooms.items()}
    add_rows(without(inner, known), places, spellings)


def without(found: Mapping[Scope, Counter[str]], known: Mapping[Scope, int]) -> dict[Scope, Counter[str]]:
    return {scope: names for scope, names in found.items() if scope not in known}


def add_rows(found: Mapping[Scope, Counter[str]], places: Any, spellings: Any) -> dict[Scope, int]:
    """One place for each, named as most tickets do. Returns their ids."""
    names = {scope: max(spelled, key=lambda name: (spelled[name], name)) for scope, spelled in found.items()}
    rows = places.objects.bulk_create(
        [places(building_id=scope[0], name=name, is_listed=False) for scope, name in names.items()], BATCH
    )
    added = zip(names.items(), rows, strict=True)
    spellings.objects.bulk_create(
        [
            spellings(place_id=row.pk, building_id=building, text=name, key=key)
            for ((building, key), name), row in added
        ],
        BATCH,
    )
    return {scope: row.pk for scope, row in zip(names, rows, strict=True)}


def forget_unnamed(locations: Iterable[tuple[str, str]], is_named: IsNamed) -> None:
    """Deletes the buildings and rooms that the helpdesk does not keep and no ticket names any more. is_named:
    whether any ticket has this `building` (and `room`)."""
    for building, room in locations:
        place = find_place(building)
        inner = find_place(room, place) if place and room else None
        if inner and not (inner.is_listed or is_named({"building": building, "room": inner.name})):
            inner.delete()
        if place and not (place.is_listed or is_named({"building": place.name})):
            place.delete()
