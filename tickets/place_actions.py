"""The helpdesk's work on buildings and rooms, each in one transaction, recorded in their own history.

Tickets follow after the commit: the first ones at once, those of a large building within minutes.
"""

from collections.abc import Iterable

from django.db import transaction

from common.errors import Invalid
from common.roles import Caller
from django_common.retry import retry_on_deadlock
from places.csv_import import PlaceRow
from places.edits import PlaceFields, clean_place, merge_rows, write_place
from places.models import MergeProposal, Place, PlaceChange
from places.spelling import find_place
from tickets.access import require
from tickets.locations import respell_room, respell_tickets

SECONDS_AT_ONCE = 2


@retry_on_deadlock
def save_place(
    place: Place | None, *, by: Caller, fields: PlaceFields, building: Place | None = None
) -> Place:
    """A new or changed building, or room of `building`, which everyone may know of from now on. Raises
    NotAllowed, Invalid."""
    require(by, "keep_places")
    place = place or Place(building=building)
    fields = clean_place(fields)
    old, is_new = place.name, place.pk is None
    write_place(place, fields)
    if is_new:
        record(by, f"Added {describe(place)}")
    elif old != place.name:
        record(by, f"Renamed {describe(place, old)} to {place.name}")
    else:
        record(by, f"Changed {describe(place)}")
    respell_tickets_of(place)
    return place


@retry_on_deadlock
def merge_places(kept: Place, merged: Place, *, by: Caller) -> Place:
    """Two buildings, or two rooms of one building, are one. Raises NotAllowed, Invalid."""
    require(by, "keep_places")
    kept, merged = lock_pair(kept, merged)
    if kept.pk == merged.pk or kept.building_id != merged.building_id:
        raise Invalid({"merged": ["Choose two different buildings, or two rooms of one building."]})
    merge_rows(kept, merged)
    record(by, f"Merged {describe(merged)} into {kept.name}")
    respell_tickets_of(kept)
    return kept


def lock_pair(*places: Place) -> list[Place]:
    """As they are now. Raises Invalid if one of them was merged in the meantime."""
    ids = [place.pk for place in places]
    rows = {row.pk: row for row in Place.objects.filter(pk__in=ids).order_by("pk").select_for_update()}
    if set(ids) - rows.keys():
        raise Invalid({"merged": ["One of the places no longer exists. Load the page again."]})
    return [rows[pk] for pk in ids]


@retry_on_deadlock
def keep_places(places: Iterable[Place], *, by: Caller, is_active: bool) -> int:
    """Keeps what was only written on tickets: it is suggested to everyone, or to nobody. Returns how many."""
    require(by, "keep_places")
    ids = [place.pk for place in places]
    rows = Place.objects.filter(pk__in=ids)
    changed = rows.update(is_active=True, is_listed=True) if is_active else rows.update(is_active=False)
    record(by, f"{'Kept' if is_active else 'Stopped suggesting'} {', '.join(map(describe, rows))}")
    return changed


@retry_on_deadlock
def dismiss_proposal(proposal: MergeProposal, *, by: Caller) -> None:
    """They are two buildings: they are not proposed again. Raises NotAllowed."""
    require(by, "keep_places")
    MergeProposal.objects.filter(pk=proposal.pk).update(is_dismissed=True)
    record(by, f"Told {proposal.first} and {proposal.second} apart")


@retry_on_deadlock
def import_places(rows: Iterable[PlaceRow], *, by: Caller) -> int:
    """Adds or changes the buildings and rooms of a file, all or none. Returns their number.

    Raises NotAllowed, Invalid with every bad line.
    """
    require(by, "keep_places")
    errors: list[str] = []
    count = 0
    for row in rows:
        try:
            import_place(row)
        except Invalid as error:
            errors += [f"Line {row.line}: {text}" for texts in error.errors.values() for text in texts]
        count += 1
    if errors:
        raise Invalid({"file": errors})
    record(by, f"Imported a file with {count} places")
    transaction.on_commit(lambda: respell_tickets(SECONDS_AT_ONCE))
    return count


def import_place(row: PlaceRow) -> None:
    """Spellings that the place has already stay. Raises Invalid."""
    fields = clean_place(row.fields)
    building = None
    if row.building:
        building = find_place(row.building) or write_place(Place(), clean_place(PlaceFields(row.building)))
    place = find_place(fields.name, building) or Place(building=building)
    known = place.spellings.values_list("text", flat=True) if place.pk else ()
    others = (*fields.spellings, *known)
    write_place(place, PlaceFields(fields.name, fields.code, fields.campus, others, fields.is_active))


def respell_tickets_of(place: Place) -> None:
    """The tickets of this place get its name."""
    if place.building:
        respell_room(place.building.name, [spelling.text for spelling in place.spellings.all()], place.name)
    transaction.on_commit(lambda: respell_tickets(SECONDS_AT_ONCE))


def describe(place: Place, name: str = "") -> str:
    return ", ".join(filter(None, [str(place.building or ""), name or place.name]))


def record(by: Caller, text: str) -> None:
    PlaceChange.objects.create(text=text, by_role=by.role, by_name=by.name)
