"""The buildings and rooms of tickets follow the rows of places, which decide how they are spelled."""

import time

from django.db import transaction

from common.roles import Caller
from django_common.triggers import bypass_trigger
from places.models import Place, Spelling
from places.spelling import spell_location, spelling_key
from places.unlisted import WrittenLocation, add_locations
from tickets.buildings import find_buildings
from tickets.models import Ticket
from tickets.search_index import index_tickets
from tickets.triggers import RESPELLING

BATCH = 1_000  # tickets that are locked at once


def spell_fields(
    fields: dict[str, str], *, by: Caller, building: str = "", room: str = "", pk: int = 0
) -> dict[str, str]:
    """The fields of a ticket with building and room as stored. building, room, pk: of a ticket that
    exists already."""
    wanted = (fields.get("building", building), fields.get("room", room))
    if wanted == (building, room):
        return fields
    others = Ticket.objects.visible_to(by.role).exclude(pk=pk)
    spelled = spell_location(*wanted, lambda names: others.filter(**names).exists())
    return fields | dict(zip(("building", "room"), spelled, strict=True))


def respell_tickets(seconds: float) -> bool:
    """Gives the tickets of renamed and merged buildings the new name; what is written without a row gets one.

    Safe at any time and under several callers. Returns whether everything was done within the seconds.
    """
    end = time.monotonic() + seconds
    forgettable = list(Place.objects.buildings().filter(is_listed=False).values_list("pk", flat=True))
    written = find_buildings(lambda name: True)
    forget_buildings(forgettable, written)
    names = read_names()
    add_missing([name for name in written if spelling_key(name) not in names])
    for name in written:
        current = names.get(spelling_key(name), name)
        while current != name and respell_some(name, current):
            if time.monotonic() > end:
                return False
    return True


def read_names() -> dict[str, str]:
    """The current name of each building, by the keys of all its spellings."""
    return dict(Spelling.objects.filter(building=None).values_list("key", "place__name"))


def forget_buildings(forgettable: list[int], written: list[str]) -> None:
    """Deletes those that the helpdesk does not keep and no ticket names any more. forgettable: read before
    `written`, so that none that was added in between is deleted."""
    keys = {spelling_key(name) for name in written}
    spellings = Spelling.objects.filter(place__in=forgettable, building=None)
    unnamed = [place for place, key in spellings.values_list("place", "key") if key not in keys]
    Place.objects.filter(pk__in=unnamed, is_listed=False).delete()


@transaction.atomic
def add_missing(names: list[str]) -> None:
    if names:
        add_locations(WrittenLocation(name, "", 1) for name in names)


@transaction.atomic
def respell_some(old: str, new: str) -> int:
    """Renames the building of some tickets, of those that nobody is changing. Returns their number."""
    rows = Ticket.objects.filter(building=old).select_for_update(no_key=True, skip_locked=True)
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    write_location(ids, building=new)
    return len(ids)


@transaction.atomic
def respell_room(building: str, old: list[str], new: str) -> None:
    """Renames a room on all tickets of a building."""
    rows = Ticket.objects.filter(building=building, room__in=old).select_for_update(no_key=True)
    write_location(list(rows.values_list("pk", flat=True)), room=new)


def write_location(ids: list[int], **values: str) -> None:
    """Neither version nor modified_at grow, and the history gets no row: what the tickets say is the same."""
    with bypass_trigger(RESPELLING):
        Ticket.objects.filter(pk__in=ids).update(**values)
    index_tickets(f"SELECT unnest(ARRAY{ids}::bigint[])")
