"""Whether the names of two buildings, or of two rooms, may stand for one: spellings, languages, codes."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from tickets.duplicates.terms import EMPTY, Vocabulary, find_codes, join_grams, read_vocabulary, split_words

ALIKE = 0.4  # overlap of the letters of two names that are spellings of one
GENERIC = "generic"  # the line of places.txt with words that say nothing by themselves
BUILDING_CODE = re.compile(r"[a-z]{1,2}[0-9]{1,2}")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ORDINALS = {
    word: str(number)
    for number, words in enumerate(
        (
            "ground erdgeschoss eg parterre rdc chaussee baja terra terreo begane",
            "first 1st erster ersten erste premier premiere primera primer primo primeiro eerste 1er 1e",
            "second 2nd zweiter zweiten zweite deuxieme segunda segundo secondo tweede 2e",
            "third 3rd dritter dritten dritte troisieme tercera tercer terzo terceiro derde 3e",
            "fourth 4th vierter vierten vierte quatrieme cuarta cuarto quarto vierde 4e",
            "fifth 5th funfter funften funfte cinquieme quinta quinto vijfde 5e",
        )
    )
    for word in words.split()
}
LITTLE_WORDS = """
the of and der die das des dem den und im am le la les de du et au aux el los las del il lo gli di della dell
dello da do dos het een en st
"""


@dataclass(frozen=True)
class PlaceName:
    """What the name of a building or room says.

    kinds: first words of lines in places.txt. own: words that only this place has. marks: numbers and single
    letters, which tell neighbours apart. codes: "b2", and "dorm 5" for a kind with a number. numbers: as
    `find_codes` finds them, and those of floors. grams: pieces of its own words. initials: of all words.
    """

    kinds: frozenset[str] = EMPTY
    own: frozenset[str] = EMPTY
    marks: frozenset[str] = EMPTY
    codes: frozenset[str] = EMPTY
    numbers: frozenset[str] = EMPTY
    grams: frozenset[str] = EMPTY
    initials: str = ""


@lru_cache(maxsize=4096)
def read_place_name(name: str) -> PlaceName:
    words = split_words(name.replace("-", " "))
    kinds, named = find_kinds(words)
    codes = frozenset(filter(BUILDING_CODE.fullmatch, words))
    floors = frozenset(ORDINALS[word] for word in words if word in ORDINALS)
    digits = frozenset(word.lstrip("0") or "0" for word in words if word.isdigit())
    said = named | codes | ORDINALS.keys() | little_words()
    own = frozenset(word for word in words if len(word) > 1 and not word[0].isdigit() and word not in said)
    return PlaceName(
        kinds=kinds,
        own=own,
        marks=digits | floors | {word for word in words if len(word) == 1},
        codes=codes | {f"{kind} {digit}" for kind in kinds for digit in digits},
        numbers=find_codes(name) | floors,
        grams=join_grams(own),
        initials="".join(word[0] for word in words),
    )


def find_kinds(words: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The kinds of places, and the words that name them; a word of a phrase says nothing by itself."""
    vocabulary = place_kinds()
    kinds: set[str] = set()
    named: set[str] = set()
    for phrase in vocabulary.find_phrases(words):
        kinds |= vocabulary.meanings[phrase]
        named.update(phrase.split())
    for word in set(words) - named:
        if found := vocabulary.find_word(word):
            kinds |= found
            named.add(word)
    return frozenset(kinds) - {GENERIC}, frozenset(named)


@cache
def little_words() -> frozenset[str]:
    return frozenset(LITTLE_WORDS.split())


def place_kinds() -> Vocabulary:
    return read_vocabulary("places.txt", 4, 4)


def compare_building_names(left: PlaceName, right: PlaceName) -> int:
    """1: one building, -1: two, 0: the names cannot be compared, as a person's name and a code."""
    if left.codes & right.codes:
        return 1
    if are_disjoint(only_codes(left), only_codes(right)) or are_disjoint(left.marks, right.marks):
        return -1
    if is_same_own(left, right):
        return 1
    if left.own and right.own:
        return -1
    if left.kinds and right.kinds:
        return 1 if is_part(left, right) or is_part(right, left) else -1
    return 0


def only_codes(name: PlaceName) -> frozenset[str]:
    """Without kinds with a number."""
    return frozenset(code for code in name.codes if " " not in code)


def is_same_own(left: PlaceName, right: PlaceName) -> bool:
    return bool(
        left.own & right.own
        or overlap(left.grams, right.grams) >= ALIKE
        or left.initials in right.own
        or right.initials in left.own
    )


def is_part(shorter: PlaceName, longer: PlaceName) -> bool:
    """ "Library" may be the law library, but a library with a name of its own is not just any."""
    return not shorter.own and shorter.kinds <= longer.kinds


@lru_cache(maxsize=65536)
def compare_rooms(left: str, right: str) -> float:
    """1: one room, 0.5: rooms of one kind, -1: two, 0: cannot be told. By their numbers if both have some."""
    a, b = read_place_name(left), read_place_name(right)
    if a.numbers and b.numbers:
        return compare_numbers(longest(a.numbers), longest(b.numbers))
    if are_disjoint(a.marks, b.marks):
        return -1.0
    return 0.5 if a.kinds & b.kinds or a.own & b.own else 0.0


def compare_numbers(left: frozenset[str], right: frozenset[str]) -> float:
    if left & right:
        return 1.0
    floors, rooms = sorted((left, right), key=lambda numbers: max(map(len, numbers)))
    is_floor = max(map(len, floors)) == 1 < max(map(len, rooms))
    return 0.0 if is_floor and floors & {room.lstrip(LETTERS)[:1] for room in rooms} else -1.0


def longest(numbers: frozenset[str]) -> frozenset[str]:
    """Those that say most: of "studio 3, 1.12" not the 3."""
    length = min(3, max(map(len, numbers)))
    return frozenset(number for number in numbers if len(number) >= length)


def are_disjoint(left: frozenset[str], right: frozenset[str]) -> bool:
    return bool(left and right and not left & right)


def overlap(left: Collection[str], right: Collection[str]) -> float:
    """Twice what both have, as a share of what there is."""
    total = len(left) + len(right)
    return 2 * len(set(left) & set(right)) / total if total else 0.0
