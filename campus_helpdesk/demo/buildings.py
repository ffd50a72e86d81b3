"""The buildings of the demo campus, by what happens in them."""

import random
from typing import NamedTuple


class Location(NamedTuple):
    building: str
    room: str

    def in_words(self) -> str:
        """For a sentence: "Lecture Hall 2 (Humboldt Building)"."""
        return f"{self.room} ({self.building})" if self.room else self.building


NOWHERE = Location("", "")
FLOORS = [f"{floor}.{number:02d}" for floor in range(4) for number in (3, 7, 11, 14, 18)]
FLATS = [f"room {floor}{number:02d}" for floor in range(1, 5) for number in (2, 5, 8, 12, 16)]

ROOMS: dict[str, dict[str, list[str]]] = {
    "lecture": {
        "Humboldt Building": ["Lecture Hall 1", "Lecture Hall 2", "Lecture Hall 3", "Lecture Hall 4"],
        "Medical School": ["Auditorium", "Lecture Hall North"],
        "Curie Building": ["Lecture Hall C"],
    },
    "seminar": {
        "Noether Building": FLOORS,
        "Language Centre": FLOORS[:10],
        "Lovelace Building": FLOORS[5:],
        "Humboldt Building": FLOORS[:15],
        "Art Pavilion": ["Studio 1", "Studio 2", "Gallery room"],
    },
    "office": {
        "Noether Building": FLOORS[10:],
        "Registry Building": FLOORS[:10],
        "Lovelace Building": FLOORS[10:],
        "Medical School": FLOORS[5:15],
    },
    "lab": {
        "Curie Building": ["Lab 0.12", "Lab 1.05", "Lab 1.09", "Lab 2.11", "Lab 2.16"],
        "Medical School": ["Lab M3", "Lab M7"],
        "Workshop Hall": ["Bay 1", "Bay 4"],
    },
    "pool": {
        "Lovelace Building": ["Computer Room 1", "Computer Room 2", "Computer Room 5"],
        "Language Centre": ["Media Lab"],
    },
    "library": {
        "Central Library": ["Reading Room East", "Reading Room West", "Group Room 3", "Group Room 6", ""],
        "Law Library": ["Gallery", ""],
    },
    "dorm": {"Linden Residence": FLATS, "River Residence": FLATS, "Hill Residence": FLATS},
    "canteen": {"Park Canteen": [""], "North Canteen": [""]},
    "sports": {"Sports Hall": ["", "Gym", "Court 2"], "Boat House": [""]},
    "counter": {"Registry Building": ["Counter 1", "Counter 2", "Examinations Office", "Admissions Office"]},
    "outside": {"Campus grounds": [""]},
}
ROOMS["any"] = {name: [""] for kind in ("lecture", "seminar", "office", "library") for name in ROOMS[kind]}


def pick_location(kind: str, rng: random.Random) -> Location:
    """A location of that kind; "none" is nowhere."""
    if kind == "none":
        return NOWHERE
    building = rng.choice(list(ROOMS[kind]))
    return Location(building, rng.choice(ROOMS[kind][building]))


def pick_room(building: str, rng: random.Random) -> Location:
    """Some room of one building, whatever it is used for."""
    rooms = [room for kind in ROOMS.values() for room in kind.get(building, []) if room]
    return Location(building, rng.choice(rooms))
