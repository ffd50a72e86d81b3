"""Buildings and rooms that a form suggests: what the helpdesk keeps, and what visible tickets name."""

from django.db.models import Exists, OuterRef, Q

from places.models import MAX_KEY_LENGTH, Place, PlaceQuerySet, Spelling
from places.spelling import find_place, fold_name
from tickets.models import Ticket

MAX_SUGGESTED = 50


def suggest_buildings(text: str, role: str) -> list[Place]:
    """Those with a spelling that contains the text; what the helpdesk keeps comes first."""
    named = Ticket.objects.visible_to(role).filter(building=OuterRef("name"))
    return pick(Place.objects.buildings().filter(Q(is_listed=True) | Exists(named)), text)


def suggest_rooms(building: str, text: str, role: str) -> list[Place]:
    """The rooms of a building, however it is written."""
    place = find_place(building)
    if place is None:
        return []
    named = Ticket.objects.visible_to(role).filter(building=place.name, room=OuterRef("name"))
    return pick(Place.objects.filter(building=place).filter(Q(is_listed=True) | Exists(named)), text)


def pick(places: PlaceQuerySet, text: str) -> list[Place]:
    part = fold_name(text)[:MAX_KEY_LENGTH]
    if part:
        places = places.filter(Exists(Spelling.objects.filter(place=OuterRef("pk"), key__contains=part)))
    return list(places.active().order_by("-is_listed", "name", "id")[:MAX_SUGGESTED])
