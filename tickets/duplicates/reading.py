"""What a report is about, read without a model: the things and troubles that it names, in any of seven
languages, pieces of its words, the codes in it ("C 204"), and its place."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from tickets.triage import load_shipped_model
from tickets.triage.features import find_report_end, fold

FOLDER = Path(__file__).parent
MAX_CHARACTERS = 1500  # of a text that are read
MAX_PHRASE = 3  # words
MIN_BEGINNING, MIN_END = 5, 6  # letters of a word that may be a part of a longer one
MIN_WORD = 3  # letters of a word that says something
GRAM = 4
WORD = re.compile(r"[^\W_]+(?:[.][0-9]+)*")
CODE = re.compile(r"(?<![a-z0-9])([a-z]{1,3})[ -]?([0-9]{1,5}(?:[.][0-9]{1,4})*)(?![a-z0-9])")
NUMBER = re.compile(r"[0-9]+(?:[.][0-9]+)*")
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Report:
    """What is compared of a ticket, or of a text that is being typed."""

    description: str
    building: str = ""
    room: str = ""
    category: str = ""


@dataclass(frozen=True)
class Name:
    """The name of a building or room. marks: its numbers and single letters, which tell neighbours apart.

    things: what it says in any language, such as a library. initials: of its words.
    """

    words: frozenset[str]
    marks: frozenset[str]
    grams: frozenset[str]
    codes: frozenset[str]
    things: frozenset[str]
    initials: str


@dataclass(frozen=True)
class Reading:
    """spoken: all words of the text. words: those that say something, grams: pieces of these. codes: as
    `find_codes` finds them. things, trades: first words of lines in things.txt and trades.txt."""

    category: str
    spoken: frozenset[str]
    words: frozenset[str]
    grams: frozenset[str]
    codes: frozenset[str]
    things: frozenset[str]
    trades: frozenset[str]
    building: Name
    room: Name


@lru_cache(maxsize=4096)
def read_report(report: Report) -> Reading:
    text = report.description[:MAX_CHARACTERS]
    if "\n" in text:
        text = text[: find_report_end(text)] or text
    spoken = split_words(text)
    words = frozenset(filter(says_something, spoken))
    things = find_things(spoken)
    return Reading(
        category=report.category,
        spoken=frozenset(spoken),
        words=words,
        grams=join_grams(words),
        codes=find_codes(text),
        things=things,
        trades=NOTHING.union(*(known_trades().get(thing, NOTHING) for thing in things)),
        building=read_name(report.building),
        room=read_name(report.room),
    )


@lru_cache(maxsize=2048)
def read_name(name: str) -> Name:
    words = split_words(name)
    marks = frozenset(word for word in words if len(word) == 1 or word[0].isdigit())
    longer = frozenset(words) - marks
    return Name(
        words=frozenset(words),
        marks=marks,
        grams=join_grams(longer),
        codes=find_codes(name),
        things=find_things(words),
        initials="".join(word[0] for word in words),
    )


def split_words(text: str) -> list[str]:
    return WORD.findall(fold_quickly(text))


def fold_quickly(text: str) -> str:
    """As `fold`, which looks at each character; most texts have only plain ones."""
    return text.casefold().replace("-", "").replace("/", "") if text.isascii() else fold(text)


def says_something(word: str) -> bool:
    return len(word) >= MIN_WORD and word.isalpha() and word not in stop_words()


def find_codes(text: str) -> frozenset[str]:
    """ "C-204", "C 204" and "c204" are one code; its digits count by themselves, too."""
    lowered = text.casefold()
    joined = (letters + digits for letters, digits in CODE.findall(lowered))
    return frozenset([*joined, *NUMBER.findall(lowered)])


def join_grams(words: Iterable[str]) -> frozenset[str]:
    return frozenset(gram for word in words for gram in grams_of(word))


@lru_cache(maxsize=16384)
def grams_of(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(padded[i : i + GRAM] for i in range(len(padded) - GRAM + 1))


@cache
def stop_words() -> frozenset[str]:
    return load_shipped_model().lexicon.stop_words


@cache
def read_vocabulary() -> dict[str, tuple[str, ...]]:
    """Thing -> the words and phrases for it, folded."""
    return {
        terms[0]: tuple(dict.fromkeys(" ".join(split_words(term.replace("_", " "))) for term in terms))
        for terms in read_lines("things.txt")
    }


def read_lines(name: str) -> list[list[str]]:
    """The words of each line that is no comment."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


@cache
def known_trades() -> dict[str, frozenset[str]]:
    """Thing -> the trades that deal with it."""
    known: dict[str, set[str]] = {}
    for trade, *things in read_lines("trades.txt"):
        for thing in things:
            known.setdefault(thing, set()).add(trade)
    return {thing: frozenset(trades) for thing, trades in known.items()}


@cache
def known_terms() -> dict[str, frozenset[str]]:
    """Word or phrase -> the things that it may mean."""
    known: dict[str, set[str]] = {}
    for thing, terms in read_vocabulary().items():
        for term in terms:
            known.setdefault(term, set()).add(thing)
    return {term: frozenset(things) for term, things in known.items()}


@cache
def first_words_of_phrases() -> frozenset[str]:
    return frozenset(term.split()[0] for term in known_terms() if " " in term)


def find_things(words: Sequence[str]) -> frozenset[str]:
    alone = [find_thing(word) for word in words]
    phrases = [
        known_terms().get(" ".join(words[at : at + length]), NOTHING)
        for at, word in enumerate(words)
        if word in first_words_of_phrases()
        for length in range(2, MAX_PHRASE + 1)
    ]
    return NOTHING.union(*alone, *phrases)


@lru_cache(maxsize=16384)
def find_thing(word: str) -> frozenset[str]:
    """By the word itself, else by its longest known beginning and its longest known end."""
    known = known_terms()
    if word in known:
        return known[word]
    beginnings = (word[:end] for end in range(len(word) - 1, MIN_BEGINNING - 1, -1))
    ends = (word[start:] for start in range(1, len(word) - MIN_END + 1))
    return known.get(first_known(beginnings), NOTHING) | known.get(first_known(ends), NOTHING)


def first_known(parts: Iterable[str]) -> str:
    return next(filter(known_terms().__contains__, parts), "")
