"""Corrects typing errors: an unknown word is read as a known one that differs by one letter.

Replaced letters are left to the n-grams: correcting them, too, damaged more words than it repaired.
"""

from collections.abc import Iterator, Sequence

from tickets.triage.compounds import split_compound
from tickets.triage.features import Word, grams
from tickets.triage.model import Model

MIN_LETTERS = 5  # letters of a word that is corrected: shorter ones have too many neighbours
MAX_CORRECTED = 40  # unknown words per text that are looked up: limits the time for any text
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def correct_spelling(words: Sequence[Word], model: Model) -> list[Word]:
    """The words in their known spelling, if there is one; words that become stop words are dropped."""
    corrected, checked = [], 0
    for word in words:
        if checked < MAX_CORRECTED and _is_unknown(word.folded, model):
            checked += 1
            parts = _split(word, model)
            if parts:
                corrected += parts
                continue
            word = word._replace(folded=_correct(word.folded, model))
        if word.folded not in model.lexicon.stop_words:
            corrected.append(word)
    return corrected or list(words)


def _is_unknown(word: str, model: Model) -> bool:
    """A word that no training text has, nor all of its longer n-grams."""
    return (
        len(word) >= MIN_LETTERS
        and word not in model.words.weights
        and word not in model.lexicon.neutral_words
        and not all(run in model.grams.weights for run in grams(word) if len(run) > 3)
    )


def _split(word: Word, model: Model) -> list[Word]:
    parts = split_compound(word.folded, model.words.weights, model.lexicon.neutral_words)
    return [word._replace(folded=part) for part in parts]


def _correct(word: str, model: Model) -> str:
    """The neighbour with the most weight, else a stop word, else the word itself."""
    known = model.words.weights
    neighbours = set(_one_edit_away(word))
    known_neighbours = [neighbour for neighbour in neighbours if neighbour in known]
    if known_neighbours:
        return min(known_neighbours, key=lambda neighbour: (-max(map(abs, known[neighbour])), neighbour))
    return min((neighbour for neighbour in neighbours if neighbour in model.lexicon.stop_words), default=word)


def _one_edit_away(word: str) -> Iterator[str]:
    """All words that differ by one letter lost, added or swapped; the first letter stays."""
    for position in range(1, len(word) + 1):
        head, tail = word[:position], word[position:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in LETTERS:
            yield head + letter + tail
