"""From text to words to features: trainer and scorer read texts through these functions only."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from tickets.triage.politeness import PolitenessFilter, PolitenessLexicon
from tickets.triage.signature import find_signature

CLAUSE = re.compile(r"[^.,;:!?()\n]+")
WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
MAX_WORD_LENGTH = 40  # a longer one is noise; its beginning is enough
MAX_WORDS = 2000  # per text, some 20,000 characters of prose: limits the time for any text
GRAM_SIZES = (2, 3, 4, 5)


class Word(NamedTuple):
    """One word that counts: its folded form and its position in the text."""

    folded: str
    start: int
    end: int


class Lexicon(NamedTuple):
    """The words that trainer and scorer must treat alike, in all languages together: texts mix them."""

    stop_words: frozenset[str] = frozenset()
    politeness: PolitenessLexicon = PolitenessLexicon()


def fold(text: str) -> str:
    """Lower-cased and without accents: 'Kälte' and 'KALTE' are one word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def read_words(text: str, lexicon: Lexicon) -> list[Word]:
    """The words of the text that may carry meaning: no politeness, stop words, numbers or single letters, and
    nothing of the signature.

    A text that is only polite is read as it is.
    """
    informative: list[Word] = []
    everything: list[Word] = []
    politeness = PolitenessFilter(lexicon.politeness, lexicon.stop_words)
    signature = find_signature(text)
    for clause in CLAUSE.finditer(text):
        words = [_word(match) for match in WORD.finditer(text, *clause.span())]
        start = politeness.polite_from([word.folded for word in words])
        everything += [word for word in words if _has_content(word.folded, lexicon.stop_words)]
        if clause.start() < signature:
            informative += [word for word in words[:start] if _has_content(word.folded, lexicon.stop_words)]
        if len(informative) >= MAX_WORDS:
            break
    return (informative or everything)[:MAX_WORDS]


def _word(match: re.Match[str]) -> Word:
    # Cut before folding for speed, and after it because one letter may become many.
    return Word(fold(match.group()[:MAX_WORD_LENGTH])[:MAX_WORD_LENGTH], *match.span())


def _has_content(folded: str, stop_words: frozenset[str]) -> bool:
    return len(folded) > 1 and folded not in stop_words and not folded.isdigit()


def pairs(folded: Sequence[str]) -> list[str]:
    """Neighbours among the words that count, each pair once, in the order of the text."""
    return distinct(f"{left} {right}" for left, right in pairwise(folded))


def distinct(folded: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(folded))


def grams(word: str) -> list[str]:
    """Every character n-gram (2 to 5) of the word, with its two ends marked by a blank."""
    padded = f" {word} "
    return [padded[i : i + size] for size in GRAM_SIZES for i in range(len(padded) - size + 1)]
