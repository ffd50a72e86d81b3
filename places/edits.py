"""What the helpdesk does with rows of places. Inside a transaction; tickets follow afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass

from common.errors import Invalid
from django_common.text_validation import MAX_LOCATION_LENGTH, clean_line, is_visible
from places.models import MAX_CODE_LENGTH, Place, Spelling
from places.spelling import spelling_key


@dataclass(frozen=True)
class PlaceFields:
    """What the helpdesk says about a place. spellings: other ways to write it than name and code."""

    name: str
    code: str = ""
    campus: str = ""
    spellings: tuple[str, ...] = ()
    is_active: bool = True


def clean_place(fields: PlaceFields) -> PlaceFields:
    """As they are stored. Raises Invalid naming a field."""
    name = clean_line("name", fields.name, limit=MAX_LOCATION_LENGTH)
    if not any(map(is_visible, name)):
        raise Invalid({"name": ["Must contain at least one visible character."]})
    spellings = [clean_line("spellings", text, limit=MAX_LOCATION_LENGTH) for text in fields.spellings]
    return PlaceFields(
        name,
        clean_line("code", fields.code, limit=MAX_CODE_LENGTH),
        clean_line("campus", fields.campus, limit=MAX_LOCATION_LENGTH),
        tuple(filter(None, spellings)),
        fields.is_active,
    )


def write_place(place: Place, fields: PlaceFields) -> Place:
    """Stores a new or known place as one that the helpdesk keeps, with clean fields.

    Its old name stays one of its spellings. A place that was only written on tickets and has one of the
    spellings is merged into it. Raises Invalid if another place that the helpdesk keeps has it.
    """
    texts = spelled_texts(place, fields)
    written = find_written(place, texts)
    place.name, place.code, place.campus = fields.name, fields.code, fields.campus
    place.is_active, place.is_listed, place.is_compared = fields.is_active, True, False
    place.save()
    for other in written:
        merge_rows(place, other)
    place.spellings.all().delete()
    Spelling.objects.bulk_create(
        Spelling(place=place, building=place.building, text=text, key=key) for key, (_, text) in texts.items()
    )
    return place


def spelled_texts(place: Place, fields: PlaceFields) -> dict[str, tuple[str, str]]:
    """By key: the field that gives a spelling, and its text. The name so far remains one."""
    others = [*fields.spellings, *([place.name] if place.pk else [])]
    spelled = [*(("spellings", text) for text in others), ("code", fields.code), ("name", fields.name)]
    return {spelling_key(text): (field, text) for field, text in spelled if text}


def find_written(place: Place, texts: dict[str, tuple[str, str]]) -> list[Place]:
    """Other places with one of the spellings, none of which the helpdesk keeps. Raises Invalid."""
    taken = Spelling.objects.filter(building=place.building, key__in=texts).exclude(place=place.pk)
    errors, written = {}, {}
    for spelling in taken.select_related("place"):
        field, text = texts[spelling.key]
        if spelling.place.is_listed:
            errors[field] = [f"“{text}” already names {spelling.place}."]
        written[spelling.place_id] = spelling.place
    if errors:
        raise Invalid(errors)
    return list(written.values())


def merge_rows(kept: Place, merged: Place) -> None:
    """Gives a place the spellings and rooms of another one, which ends. A room that both have stays one."""
    merged.spellings.update(place=kept)
    rooms = {spelling.key: spelling.place for spelling in spellings_of(kept.rooms.all())}
    for room in merged.rooms.all():
        same = [rooms[spelling.key] for spelling in room.spellings.all() if spelling.key in rooms]
        if same:
            room.spellings.exclude(key__in=rooms).update(place=same[0], building=kept)
            continue
        room.spellings.update(building=kept)
        Place.objects.filter(pk=room.pk).update(building=kept)
    Place.objects.filter(pk=merged.pk).delete()
    Place.objects.filter(pk=kept.pk).update(is_listed=True, is_compared=False)


def spellings_of(places: Iterable[Place]) -> list[Spelling]:
    return list(Spelling.objects.filter(place__in=places).select_related("place"))
