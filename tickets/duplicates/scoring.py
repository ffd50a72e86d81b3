"""How likely two reports are about one problem, from their words, places and categories, and also from their
meaning where a sentence model has read both."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tickets.duplicates.reading import Name, Reading

WEIGHTS_FILE = Path(__file__).with_name("weights.json")
ALIKE = 0.4  # overlap of the letters of two names that are spellings of one
MANY = 4  # things in common, beyond which more say no more


@dataclass(frozen=True)
class Places:
    """How two places relate. 1: the same, -1: others, 0: cannot be told."""

    building: float
    room: float

    @property
    def is_same_building(self) -> float:
        return max(self.building, 0.0)

    @property
    def is_same_room(self) -> float:
        return float(self.building > 0 and self.room > 0)

    @property
    def is_unknown(self) -> float:
        return float(self.building == 0)


def score(left: Reading, right: Reading, meaning: float | None = None) -> float:
    """Logarithm of the odds, shifted: from 0 on, the reports are similar enough to be shown.

    meaning: whitened cosine of their vectors, None if there are none.
    """
    features = measure_words(left, right)
    if meaning is None:
        return weigh(features, load_weights()["words"])
    return weigh([*features, *measure_meaning(left, right, meaning)], load_weights()["meaning"])


@cache
def load_weights() -> dict[str, list[float]]:
    """Of each model in the order of its features, the constant last; written by `train`."""
    weights: dict[str, list[float]] = json.loads(WEIGHTS_FILE.read_text())
    return weights


def weigh(features: Sequence[float], weights: Sequence[float]) -> float:
    """The last weight is the constant."""
    return sum(map(float.__mul__, features, weights)) + weights[-1]


def measure_words(left: Reading, right: Reading) -> list[float]:
    """The features of both models, in the order of their weights.

    At one place, and where a place is unknown, the same words say something else: hence the products.
    """
    places = compare_places(left, right)
    shared = left.things & right.things
    likeness, things = overlap(left.grams, right.grams), overlap(left.things, right.things)
    is_same_category = float(left.category == right.category)
    return [
        likeness,
        things,
        float(bool(left.things and right.things and not shared)),
        places.is_same_building,
        float(places.building < 0),
        max(places.room, 0.0),
        float(places.room < 0),
        is_same_category,
        min(len(shared), MANY) / 2,
        places.is_same_building * things,
        places.is_same_building * likeness,
        places.is_same_room * likeness,
        places.is_same_room * things,
        places.is_same_room * is_same_category,
        places.is_unknown * likeness,
        places.is_unknown * things,
        places.is_unknown * is_same_category,
        *measure_trades(left, right, places),
    ]


def measure_trades(left: Reading, right: Reading, places: Places) -> list[float]:
    """Whether the same people would repair it: what is left where the words differ."""
    shared = left.trades & right.trades
    is_other = float(bool(left.trades and right.trades and not shared))
    is_same = float(bool(shared))
    return [is_same, is_other, places.is_same_room * is_same, places.is_same_room * is_other]


def measure_meaning(left: Reading, right: Reading, meaning: float) -> list[float]:
    places, near = compare_places(left, right), max(meaning, 0.0)
    return [
        near,
        near * near,
        near * places.is_same_building,
        near * places.is_same_room,
        near * places.is_unknown,
        near * overlap(left.things, right.things),
        near * overlap(left.grams, right.grams),
    ]


def overlap(left: Collection[str], right: Collection[str]) -> float:
    """Twice what both have, as a share of what there is."""
    total = len(left) + len(right)
    return 2 * len(set(left) & set(right)) / total if total else 0.0


def compare_places(left: Reading, right: Reading) -> Places:
    building = compare_buildings(left, right)
    return Places(building, compare_rooms(left, right) if building >= 0 else 0.0)


def compare_buildings(left: Reading, right: Reading) -> float:
    """0.5 if only one report has a building, and the other's text names it."""
    if left.building.words and right.building.words:
        return compare_names(left.building, right.building)
    return 0.5 if names(left, right.building) or names(right, left.building) else 0.0


def compare_names(left: Name, right: Name) -> float:
    """1 for one place in two spellings or languages, by its initials, or where one name is part of the other;
    "Dorm 2" and "Dorm 5" are two."""
    if left.marks and right.marks and not left.marks & right.marks:
        return -1.0
    is_part = left.words <= right.words or right.words <= left.words
    is_short = left.initials in right.words or right.initials in left.words
    is_alike = overlap(left.grams, right.grams) >= ALIKE
    return 1.0 if is_part or is_short or is_alike or left.things & right.things else -1.0


def names(report: Reading, building: Name) -> bool:
    """Whether the text names the building, in any language."""
    if not building.words:
        return False
    return building.words <= report.spoken or bool(building.things & report.things)


def compare_rooms(left: Reading, right: Reading) -> float:
    """By the codes of room and text where there are any, else by the rooms' names."""
    a, b = left.room.codes, right.room.codes
    if a and b:
        return 1.0 if a & b else -1.0
    if a & right.codes or b & left.codes:
        return 1.0
    if left.room.words and right.room.words and not a and not b:
        return max(0.0, compare_names(left.room, right.room))
    return 0.0
