"""Which place a text names: without case and accents, by its name, its code or another spelling."""

from collections.abc import Callable
from unicodedata import combining, normalize

from django.db import IntegrityError, transaction

from django_common.text_validation import fold_line
from places.models import MAX_KEY_LENGTH, Place, Spelling

IsNamed = Callable[[dict[str, str]], bool]


def fold_name(name: str) -> str:
    """The name of a place without case and accents, for searching."""
    folded = normalize("NFKD", fold_line(name).casefold())
    return "".join(letter for letter in folded if not combining(letter))


def spelling_key(text: str) -> str:
    """What all ways to write one name have in common. A text of accents only stays as it is."""
    return (fold_name(text) or text)[:MAX_KEY_LENGTH]


def find_place(text: str, building: Place | None = None) -> Place | None:
    """The building that a text names, or the room in a building."""
    rows = Spelling.objects.select_related("place").filter(key=spelling_key(text), building=building)
    spelling = rows.first()
    return spelling.place if spelling else None


def find_listed(**spelled: str) -> list[str]:
    """The names of the buildings that everyone may know of and that have such a spelling."""
    rows = Spelling.objects.filter(**spelled, building=None, place__is_listed=True)
    return list(rows.values_list("place__name", flat=True).distinct().order_by())


def name_listed(building: str, room: str) -> tuple[str, str]:
    """Building and room by their present names, so far as everyone may know of them."""
    place = find_place(building)
    if place is None or not place.is_listed:
        return building, room
    inner = find_place(room, place)
    return place.name, inner.name if inner and inner.is_listed else room


def same_parts(before: tuple[str, str], after: tuple[str, str]) -> set[str]:
    """Which of `building` and `room` name the same place in two locations, however they are written."""
    old, new = find_place(before[0]), find_place(after[0])
    if old is None or old != new:
        return set()
    rooms = find_place(before[1], old), find_place(after[1], old)
    return {"building", "room"} if rooms[0] == rooms[1] and rooms[0] else {"building"}


def spell_location(building: str, room: str, is_named: IsNamed) -> tuple[str, str]:
    """Building and room as tickets store them; what nobody wrote before becomes a row.

    is_named: whether the writer sees another ticket with this `building` (and `room`). A room without a
    building stays as it is.
    """
    if not building:
        return "", room
    place = find_or_add(building, None, lambda name: is_named({"building": name}))
    if not room:
        return place.name, ""
    inner = find_or_add(room, place, lambda name: is_named({"building": place.name, "room": name}))
    return place.name, inner.name


def find_or_add(text: str, building: Place | None, is_seen: Callable[[str], bool]) -> Place:
    """The place of a text, named so that the writer learns nothing: a spelling that is neither listed nor
    seen is replaced by the writer's own. Inside a transaction."""
    place = find_place(text, building) or add_written(text, building)
    if place.is_listed:
        return lock(place) or find_or_add(text, building, is_seen)
    if place.name == text or is_seen(place.name):
        return place
    locked = Place.objects.select_for_update(no_key=True).filter(pk=place.pk).first()
    if locked is None:  # merged in the meantime
        return find_or_add(text, building, is_seen)
    if not locked.is_listed and not is_seen(locked.name):
        locked.name = text
        locked.save(update_fields=["name"])
        locked.spellings.update(text=text)
    return locked


def lock(place: Place) -> Place | None:
    """As it is now, None if it was merged. Nobody renames it until the transaction ends: who does so later
    finds the writer's ticket."""
    rows = Place.objects.raw("SELECT * FROM places_place WHERE id = %s FOR SHARE", [place.pk])
    return next(iter(rows), None)


def add_written(text: str, building: Place | None) -> Place:
    """A place that somebody wrote on a ticket. Who writes it at the same time waits and gets the same one."""
    try:
        with transaction.atomic():
            place = Place.objects.create(name=text, building=building, is_listed=False)
            Spelling.objects.create(place=place, building=building, text=text, key=spelling_key(text))
    except IntegrityError:
        return find_place(text, building) or add_written(text, building)
    return place
