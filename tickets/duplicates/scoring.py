"""How likely two reports are about one problem, from their words, places and categories."""

import math
from collections.abc import Sequence
from functools import cache
from operator import mul

from tickets.duplicates.directory import Directory
from tickets.duplicates.place_names import PlaceName, compare_rooms, longest, read_place_name
from tickets.duplicates.reading import Reading
from tickets.duplicates.terms import EMPTY
from tickets.duplicates.weights import load_weights

CONSTANT = "constant"
NEVER = -math.inf
MOST_THINGS, MOST_WORDS = 0.5, 0.7  # shares of which one is needed for that, too
MIN_NUMBER = 3  # characters of a room's number that a text does not name by chance
MIN_OWN_WORD = 3
FEATURES = (
    "same_building",
    "incomparable_buildings",
    "no_building",
    "named_building",
    "same_room",
    "same_kind_of_room",
    "other_room",
    "named_room",
    "share_of_words",
    "share_of_things",
    "weight_of_things",
    "same_category",
    "other_troubles",
    "weight_of_troubles",
)


def score(left: Reading, right: Reading, directory: Directory) -> float:
    """Logarithm of the odds, shifted: from 0 on, the reports are similar enough to be shown. The same trouble
    in another building is another problem."""
    if directory.compare(left.building, right.building) < 0:
        return NEVER
    return weigh(measure(left, right, directory), order_weights())


def is_one_trouble_at_one_place(left: Reading, right: Reading, directory: Directory) -> bool:
    """Mostly the same things with a trouble in common, or mostly the same words. What is nearest to a report
    is often another trouble of the same thing."""
    features = dict(zip(FEATURES, measure(left, right, directory), strict=True))
    is_one_place = (features["same_building"] or features["named_building"]) and not features["other_room"]
    is_one_trouble = features["share_of_things"] >= MOST_THINGS and features["weight_of_troubles"] > 0
    return bool(is_one_place and (is_one_trouble or features["share_of_words"] >= MOST_WORDS))


@cache
def order_weights() -> tuple[float, ...]:
    """In the order of FEATURES, the constant last."""
    weights = load_weights().features
    return tuple(weights[name] for name in (*FEATURES, CONSTANT))


def weigh(features: Sequence[float], weights: Sequence[float]) -> float:
    """The last weight is the constant."""
    return sum(map(mul, features, weights)) + weights[-1]


def measure(left: Reading, right: Reading, directory: Directory) -> list[float]:
    """In the order of FEATURES."""
    return [*measure_places(left, right, directory), *measure_texts(left, right)]


def measure_places(left: Reading, right: Reading, directory: Directory) -> list[float]:
    building = directory.compare(left.building, right.building)
    room = compare_rooms(left.room, right.room)
    return [
        float(building > 0),
        float(bool(building == 0 and left.building and right.building)),
        float(not left.building and not right.building),
        float(building == 0 and names_building(left, right, directory)),
        float(room == 1),
        float(room == 0.5),
        float(room < 0),
        float(room <= 0 and names_room(left, right)),
    ]


def names_building(left: Reading, right: Reading, directory: Directory) -> bool:
    """Whether the text of one names the building of the other."""
    return any(
        bool(here.building) and is_named(directory.read(here.building), there)
        for here, there in ((left, right), (right, left))
    )


def is_named(building: PlaceName, reading: Reading) -> bool:
    """In any language, by its own words, its code, or what it is."""
    if any(len(word) >= MIN_OWN_WORD for word in building.own & reading.spoken):
        return True
    if building.codes & reading.codes:
        return True
    return bool(building.kinds) and not building.own and building.kinds <= reading.kinds


def names_room(left: Reading, right: Reading) -> bool:
    of_left, of_right = long_numbers(left.room), long_numbers(right.room)
    return bool(of_left & right.codes or of_right & left.codes)


def long_numbers(room: str) -> frozenset[str]:
    numbers = read_place_name(room).numbers
    found = longest(numbers) if numbers else EMPTY
    return frozenset(number for number in found if len(number) >= MIN_NUMBER)


def measure_texts(left: Reading, right: Reading) -> list[float]:
    """What both rooms are called says nothing about the trouble in them."""
    weights = load_weights()
    grams = sum(map(left.grams.__getitem__, left.grams.keys() & right.grams.keys()))
    of_rooms = left.room_things & right.room_things
    things = (left.things & right.things) - of_rooms
    troubles = left.troubles & right.troubles
    named = len(left.things) + len(right.things) - 2 * len(of_rooms)
    return [
        grams / (min(left.weight, right.weight) or 1.0),
        2 * len(things) / named if named else 0.0,
        sum(map(weights.things.__getitem__, things)),
        float(left.category == right.category),
        float(bool(left.troubles and right.troubles and not troubles)),
        sum(map(weights.troubles.__getitem__, troubles)),
    ]
