"""From text to words to features: trainer and scorer read texts through these functions only."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from tickets.triage.politeness import PolitenessFilter, PolitenessLexicon
from tickets.triage.quoted_text import find_quoted_text
from tickets.triage.signature import find_signature
from tickets.triage.terms import HYPHENS, INVISIBLE, PART, find_terms

CLAUSE = re.compile(r"[^.,;:!?()\n]+")
WORD = PART
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>]+|[^\s<>@]{1,64}@[^\s<>@]+", re.IGNORECASE)
NOT_PRONOUNCED = str.maketrans(dict.fromkeys(f"{HYPHENS}/{INVISIBLE}"))
MAX_WORD_LENGTH = 40  # a longer one is noise; its beginning is enough
MAX_WORDS = 2000  # per text, some 20,000 characters of prose: limits the time for any text
MAX_TERMS = 2 * MAX_WORDS  # that are looked at for them
MIN_REPORT_WORDS = 3  # above a quoted mail: "please see below" reports nothing
GRAM_SIZES = (2, 3, 4, 5)


class Word(NamedTuple):
    """One word that counts: its folded form and its position in the text."""

    folded: str
    start: int
    end: int


class Lexicon(NamedTuple):
    """The words that trainer and scorer must treat alike, in all languages together: texts mix them.

    neutral_words count as a part of a pair only: every desk has a system, a machine, a place.
    """

    stop_words: frozenset[str] = frozenset()
    politeness: PolitenessLexicon = PolitenessLexicon()
    neutral_words: frozenset[str] = frozenset()


def fold(text: str) -> str:
    """Lower-cased, without accents, hyphens, slashes and invisible characters: 'Kälte' and 'KALTE' are one
    word, 'Wi-Fi' and 'wifi', too."""
    lowered = text.casefold().translate(NOT_PRONOUNCED)
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def find_report_end(text: str) -> int:
    """The position after which only a signature or somebody else's mail follows."""
    return find_signature(text[: find_quoted_text(text)])


def read_words(text: str, lexicon: Lexicon) -> list[Word]:
    """The words of the text that may carry meaning: no politeness, stop words, numbers, single letters or
    addresses, and nothing of a signature or of a quoted mail.

    The mail counts if hardly a word stands above it. A text that is only polite is read as it is.
    """
    plain = _blank_addresses(text)
    quoted = find_quoted_text(text)
    words = _read_part(plain, 0, find_signature(text[:quoted]), lexicon)
    if quoted < len(text) and len(words) < MIN_REPORT_WORDS:
        words += _read_part(plain, quoted, quoted + find_signature(text[quoted:]), lexicon)
    return (words or _with_content(_read_terms(text, 0, len(text)), lexicon))[:MAX_WORDS]


def read_all_words(text: str, end: int) -> list[Word]:
    """Every word before a position, stop words and politeness included, but no number or single letter."""
    return [
        word
        for word in _read_terms(_blank_addresses(text[:end]), 0, end)
        if _has_content(word.folded, frozenset())
    ][:MAX_WORDS]


def _blank_addresses(text: str) -> str:
    """Without mail and web addresses; every other character keeps its position."""
    return ADDRESS.sub(lambda match: " " * len(match.group()), text)


def _read_part(text: str, start: int, end: int, lexicon: Lexicon) -> list[Word]:
    """The words between two positions that are more than polite. What would be a name after a polite phrase
    is the report if there is no other."""
    clauses = _read_clauses(text, start, end)
    return _without_politeness(clauses, lexicon, drop_names=True) or _without_politeness(
        clauses, lexicon, drop_names=False
    )


def _read_clauses(text: str, start: int, end: int) -> list[list[Word]]:
    """The terms of each clause; no more clauses than hold as many words as count."""
    clauses, count = [], 0
    for clause in CLAUSE.finditer(text, start, end):
        clauses.append(_read_terms(text, *clause.span()))
        count += len(clauses[-1])
        if count >= MAX_TERMS:
            break
    return clauses


def _without_politeness(
    clauses: Sequence[Sequence[Word]], lexicon: Lexicon, *, drop_names: bool
) -> list[Word]:
    politeness = PolitenessFilter(lexicon.politeness, lexicon.stop_words)
    folded = [[word.folded for word in words] for words in clauses]
    starts = politeness.find_polite_starts(folded, drop_names=drop_names)
    return [
        word
        for words, polite_from in zip(clauses, starts, strict=True)
        for word in _with_content(words[:polite_from], lexicon)
    ]


def _read_terms(text: str, start: int, end: int) -> list[Word]:
    return [Word(_fold_term(text[slice(*span)]), *span) for span in find_terms(text, start, end)]


def _fold_term(term: str) -> str:
    # Cut before folding for speed, and after it because one letter may become many.
    return fold(term[:MAX_WORD_LENGTH])[:MAX_WORD_LENGTH]


def _with_content(words: Iterable[Word], lexicon: Lexicon) -> list[Word]:
    return [word for word in words if _has_content(word.folded, lexicon.stop_words)]


def _has_content(folded: str, stop_words: frozenset[str]) -> bool:
    return len(folded) > 1 and folded not in stop_words and not folded.isdigit()


def single_words(folded: Iterable[str], neutral_words: Collection[str]) -> list[str]:
    """The words that count by themselves, each once, in the order of the text."""
    return [word for word in distinct(folded) if word not in neutral_words]


def pairs(folded: Sequence[str]) -> list[str]:
    """Neighbours among the words that count, each pair once, in the order of the text."""
    return distinct(f"{left} {right}" for left, right in pairwise(folded))


def distinct(folded: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(folded))


def grams(word: str) -> list[str]:
    """Every character n-gram (2 to 5) of the word, with its two ends marked by a blank."""
    padded = f" {word} "
    return [padded[i : i + size] for size in GRAM_SIZES for i in range(len(padded) - size + 1)]
