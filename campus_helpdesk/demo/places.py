"""The buildings and rooms of the demo campus, as its helpdesk keeps them."""

from collections.abc import Iterator

from campus_helpdesk.demo.buildings import ROOMS
from common.roles import Caller, Role
from places.csv_import import PlaceRow
from places.edits import PlaceFields
from tickets.place_actions import import_places


def keep_places() -> None:
    import_places(list_rows(), by=Caller(Role.HELPDESK, name="demo"))


def list_rows() -> Iterator[PlaceRow]:
    """Each building, then its rooms."""
    buildings = sorted({name for kind in ROOMS.values() for name in kind})
    for line, building in enumerate(buildings, start=1):
        code = "".join(word[0].upper() for word in building.split())
        yield PlaceRow(line, "", PlaceFields(building, code))
        rooms = {room for kind in ROOMS.values() for room in kind.get(building, []) if room}
        yield from (PlaceRow(line, building, PlaceFields(room)) for room in sorted(rooms))
