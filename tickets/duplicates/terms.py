"""Words of texts and names, and what they stand for in any of seven languages."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from tickets.triage.features import fold

FOLDER = Path(__file__).parent
MAX_PHRASE = 4  # words
GRAM = 4
WORD = re.compile(r"[^\W_]+(?:[.][0-9]+)*")
CODE = re.compile(r"(?<![a-z0-9])([a-z]{1,3})[ -]?([0-9]{1,5}(?:[.][0-9]{1,4})*)(?![a-z0-9])")
NUMBER = re.compile(r"[0-9]+(?:[.][0-9]+)*")
EMPTY: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """meanings: word or phrase -> the first words of the lines that have it. Another word is read by its
    longest known beginning and end, if these have so many letters."""

    meanings: dict[str, frozenset[str]]
    beginnings_of_phrases: frozenset[str]
    min_beginning: int
    min_end: int

    def find(self, words: Sequence[str]) -> frozenset[str]:
        """What the words and phrases stand for."""
        phrases = (self.meanings[phrase] for phrase in self.find_phrases(words))
        return EMPTY.union(*map(self.find_word, words), *phrases)

    def find_phrases(self, words: Sequence[str]) -> Iterable[str]:
        for at, word in enumerate(words):
            if word in self.beginnings_of_phrases:
                phrases = (" ".join(words[at:end]) for end in range(at + 2, at + MAX_PHRASE + 1))
                yield from filter(self.meanings.__contains__, phrases)

    def find_word(self, word: str) -> frozenset[str]:
        known = self.meanings.get(word)
        return find_compound(self, word) if known is None else known


@lru_cache(maxsize=16384)
def find_compound(vocabulary: Vocabulary, word: str) -> frozenset[str]:
    beginnings = (word[:end] for end in range(len(word) - 1, vocabulary.min_beginning - 1, -1))
    ends = (word[start:] for start in range(1, len(word) - vocabulary.min_end + 1))
    known = vocabulary.meanings
    return EMPTY.union(
        *(known.get(next(filter(known.__contains__, parts), ""), EMPTY) for parts in (beginnings, ends))
    )


@cache
def read_vocabulary(name: str, min_beginning: int, min_end: int) -> Vocabulary:
    meanings: dict[str, set[str]] = {}
    for meaning, terms in read_terms(name).items():
        for term in terms:
            meanings.setdefault(term, set()).add(meaning)
    return Vocabulary(
        {term: frozenset(found) for term, found in meanings.items()},
        frozenset(term.split()[0] for term in meanings if " " in term),
        min_beginning,
        min_end,
    )


@cache
def read_terms(name: str) -> dict[str, tuple[str, ...]]:
    """First word of a line -> the words and phrases of the line, folded."""
    return {
        terms[0]: tuple(dict.fromkeys(" ".join(split_words(term.replace("_", " "))) for term in terms))
        for terms in read_lines(name)
    }


def read_lines(name: str) -> list[list[str]]:
    """The words of each line that is no comment; indented lines continue the one above."""
    lines = (FOLDER / name).read_text(encoding="utf-8").replace("\n ", " ").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def split_words(text: str) -> list[str]:
    return WORD.findall(fold(text))


def find_codes(text: str) -> frozenset[str]:
    """ "C-204", "C 204" and "c204" are one code; its digits count by themselves, too, and "2.04" as "204"."""
    lowered = text.casefold()
    joined = [letters + digits for letters, digits in CODE.findall(lowered)]
    found = [*joined, *NUMBER.findall(lowered)]
    return frozenset([*found, *(code.replace(".", "") for code in found)])


def join_grams(words: Iterable[str]) -> frozenset[str]:
    return frozenset(gram for word in words for gram in grams_of(word))


@lru_cache(maxsize=16384)
def grams_of(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(padded[i : i + GRAM] for i in range(len(padded) - GRAM + 1))
