"""Texts as a feature matrix for the regression. Needs numpy and scipy: for the trainer only."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.sparse import csr_matrix, hstack

from tickets.triage.features import grams, pairs, single_words

GRAM_SHARE = 0.5  # of an n-gram relative to a word
UNKNOWN = -1  # column of a feature that has none
Columns = dict[str, int]


@dataclass(frozen=True)
class FeatureColumns:
    """Which feature has which column: first words and pairs, then n-grams."""

    words: Columns
    grams: Columns
    neutral_words: Collection[str]

    def matrix(self, texts: Sequence[list[str]]) -> csr_matrix:
        words = _matrix([self._find_words(text) for text in texts], len(self.words))
        return hstack([words, GRAM_SHARE * self._gram_matrix(texts)], format="csr")

    def _find_words(self, text: list[str]) -> np.ndarray:
        return _find_columns(single_words(text, self.neutral_words) + pairs(text), self.words)

    def _gram_matrix(self, texts: Sequence[list[str]]) -> csr_matrix:
        """The n-grams of every distinct word are looked up once."""
        singles = [single_words(text, self.neutral_words) for text in texts]
        of_word = {word: _find_columns(grams(word), self.grams) for word in set().union(*singles)}
        rows = [np.concatenate([of_word[word] for word in words] or [_NOTHING]) for words in singles]
        return _matrix(rows, len(self.grams))


_NOTHING = np.array([], dtype=np.int32)


def find_columns(vocabulary: Sequence[list[str]], neutral_words: Collection[str] = ()) -> FeatureColumns:
    singles = {word for text in vocabulary for word in single_words(text, neutral_words)}
    return FeatureColumns(
        _number(singles.union(*map(pairs, vocabulary))),
        _number({gram for word in singles for gram in grams(word)}),
        neutral_words,
    )


def _number(names: Iterable[str]) -> Columns:
    return {name: column for column, name in enumerate(sorted(names))}


def _find_columns(names: Sequence[str], columns: Columns) -> np.ndarray:
    return np.array([columns.get(name, UNKNOWN) for name in names], dtype=np.int32)


def _matrix(rows: Sequence[np.ndarray], columns: int) -> csr_matrix:
    """One row per text: how often each feature occurs, divided by the square root of their number, known or
    not."""
    shares = [1 / sqrt(len(row) or 1) for row in rows]
    known = [row[row != UNKNOWN] for row in rows]
    counts = [len(row) for row in known]
    indices = np.concatenate([_NOTHING, *known])
    starts = np.concatenate([[0], np.cumsum(counts)])
    matrix = csr_matrix((np.repeat(shares, counts), indices, starts), shape=(len(rows), columns))
    matrix.sum_duplicates()
    return matrix
