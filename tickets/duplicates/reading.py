"""What a report is about, read without a model: the things and troubles that it names, in any of seven
languages, pieces of its words, the codes in it ("C 204"), and the places that it names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from tickets.duplicates.place_names import ORDINALS, find_kinds
from tickets.duplicates.terms import Vocabulary, find_codes, grams_of, read_vocabulary, split_words
from tickets.duplicates.weights import load_weights
from tickets.triage import load_shipped_model
from tickets.triage.features import find_report_end

MAX_CHARACTERS = 1500  # of a text that are read
MIN_WORD = 3  # letters of a word that says something


@dataclass(frozen=True)
class Report:
    """What is compared of a ticket, or of a text that is being typed."""

    description: str
    building: str = ""
    room: str = ""
    category: str = ""


@dataclass(frozen=True)
class Reading:
    """spoken: all words of the text. words: those that say something. grams: pieces of these with their
    weights, but not of what names a place; weight: their sum. codes: as `find_codes` finds them. things,
    troubles, kinds: first words of lines in things.txt, troubles.txt and places.txt; room_things: those that
    the room's name adds."""

    category: str
    building: str
    room: str
    spoken: frozenset[str]
    words: frozenset[str]
    grams: Mapping[str, float]
    weight: float
    codes: frozenset[str]
    things: frozenset[str]
    room_things: frozenset[str]
    troubles: frozenset[str]
    kinds: frozenset[str]


@lru_cache(maxsize=4096)
def read_report(report: Report) -> Reading:
    text = report.description[:MAX_CHARACTERS]
    if "\n" in text:
        text = text[: find_report_end(text)] or text
    spoken, of_room = split_words(text), split_words(report.room)
    kinds, named = find_kinds([word for word in spoken if len(word) >= MIN_WORD])
    words = frozenset(filter(says_something, spoken))
    grams = weigh_grams(words.difference(named, split_words(report.building), of_room, ORDINALS))
    room_things = known_things().find(of_room)
    return Reading(
        category=report.category,
        building=report.building,
        room=report.room,
        spoken=frozenset(spoken),
        words=words,
        grams=grams,
        weight=sum(grams.values()),
        codes=find_codes(text),
        things=known_things().find(spoken) | room_things,
        room_things=room_things,
        troubles=known_troubles().find(spoken),
        kinds=kinds,
    )


def weigh_grams(words: frozenset[str]) -> dict[str, float]:
    """Each counts as much as the rarest word that has it."""
    weights = load_weights()
    grams: dict[str, float] = {}
    for word in words:
        weight = weights.common_words.get(word, weights.rare_word)
        for gram in grams_of(word):
            grams[gram] = max(grams.get(gram, 0.0), weight)
    return grams


def says_something(word: str) -> bool:
    return len(word) >= MIN_WORD and word.isalpha() and word not in stop_words()


@cache
def stop_words() -> frozenset[str]:
    return load_shipped_model().lexicon.stop_words


def known_things() -> Vocabulary:
    return read_vocabulary("things.txt", 5, 6)


def known_troubles() -> Vocabulary:
    return read_vocabulary("troubles.txt", 5, 6)
