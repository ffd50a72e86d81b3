"""Suggestions for building and room, and the location that an address names, such as that of a poster."""

from typing import Any

from django.http import QueryDict

from common.errors import Invalid
from django_common.text_validation import clean_location
from places.spelling import name_listed
from tickets.place_suggestions import suggest_buildings, suggest_rooms

FIELDS = ("building", "room")


def suggest_places(building: str, room: str, role: str) -> dict[str, Any]:
    """For the template. Nothing is suggested for a text that no place can have."""
    try:
        texts = clean_location("building", building), clean_location("room", room)
    except Invalid:
        return {"buildings": [], "rooms": []}
    rooms = suggest_rooms(texts[0], texts[1], role) if texts[0] else []
    return {"buildings": suggest_buildings(texts[0], role), "rooms": rooms}


def read_location(query: QueryDict) -> dict[str, str]:
    """Building and room of an address, by the names that they have now. What cannot be stored stays as it
    is: the form refuses it."""
    given = {name: query.get(name, "") for name in FIELDS if name in query}
    try:
        texts = [clean_location(name, given.get(name, "")) for name in FIELDS]
    except Invalid:
        return given
    names = dict(zip(FIELDS, name_listed(*texts), strict=True))
    return {name: names[name] for name in given}
