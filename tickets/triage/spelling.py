"""Corrects typing errors: an unknown word is read as a known one that differs by one letter.

Replaced letters are left to the n-grams: correcting them, too, damaged more words than it repaired.
"""

from collections.abc import Iterator, Sequence

from tickets.triage.features import Word, grams
from tickets.triage.model import Model

SHORTEST = 5  # letters of a word that is corrected: shorter ones have too many neighbours
MOST_MENDED = 40  # unknown words per text that are looked up: limits the time for any text
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def mend_words(words: Sequence[Word], model: Model) -> list[Word]:
    """The words in their known spelling, if there is one; words that become stop words are dropped."""
    mended, looked_at = [], 0
    for word in words:
        if looked_at < MOST_MENDED and _is_strange(word.folded, model):
            looked_at += 1
            word = word._replace(folded=_mend(word.folded, model))
        if word.folded not in model.lexicon.stop_words:
            mended.append(word)
    return mended or list(words)


def _is_strange(word: str, model: Model) -> bool:
    """A word that no training text has, nor all of its longer n-grams."""
    return (
        len(word) >= SHORTEST
        and word not in model.words.weights
        and not all(run in model.grams.weights for run in grams(word) if len(run) > 3)
    )


def _mend(word: str, model: Model) -> str:
    """The neighbour with the most weight, else a stop word, else the word itself."""
    known = model.words.weights
    neighbours = set(_one_slip_away(word))
    telling = [near for near in neighbours if near in known]
    if telling:
        return min(telling, key=lambda near: (-max(map(abs, known[near])), near))
    return min((near for near in neighbours if near in model.lexicon.stop_words), default=word)


def _one_slip_away(word: str) -> Iterator[str]:
    """All words that differ by one letter lost, added or swapped; the first letter stays."""
    for at in range(1, len(word) + 1):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in LETTERS:
            yield head + letter + tail
