"""Texts as a feature matrix for the regression. Needs numpy and scipy: for the trainer only."""

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.sparse import csr_matrix, hstack

from tickets.triage.features import grams, pairs, single_words

GRAM_SHARE = 0.5  # of an n-gram relative to a word


@dataclass(frozen=True)
class FeatureColumns:
    """Which feature has which column: first words and pairs, then n-grams."""

    words: dict[str, int]
    grams: dict[str, int]
    neutral_words: Collection[str]

    def matrix(self, texts: Sequence[list[str]]) -> csr_matrix:
        words = _matrix(_word_features(texts, self.neutral_words), self.words)
        return hstack(
            [words, GRAM_SHARE * _matrix(_gram_features(texts, self.neutral_words), self.grams)], format="csr"
        )


def find_columns(vocabulary: Sequence[list[str]], neutral_words: Collection[str] = ()) -> FeatureColumns:
    return FeatureColumns(
        _columns(_word_features(vocabulary, neutral_words)),
        _columns(_gram_features(vocabulary, neutral_words)),
        neutral_words,
    )


def _word_features(texts: Sequence[list[str]], neutral_words: Collection[str]) -> list[list[str]]:
    return [single_words(words, neutral_words) + pairs(words) for words in texts]


def _gram_features(texts: Sequence[list[str]], neutral_words: Collection[str]) -> list[list[str]]:
    return [[gram for word in single_words(words, neutral_words) for gram in grams(word)] for words in texts]


def _columns(features: Sequence[list[str]]) -> dict[str, int]:
    names = sorted({name for row in features for name in row})
    return {name: column for column, name in enumerate(names)}


def _matrix(features: Sequence[list[str]], columns: dict[str, int]) -> csr_matrix:
    """One row per text: how often each feature occurs, divided by the square root of their number, known or
    not."""
    data, indices, starts = array("d"), array("i"), array("i", [0])
    for row in features:
        known = [columns[name] for name in row if name in columns]
        indices.extend(known)
        data.extend([1 / sqrt(len(row) or 1)] * len(known))
        starts.append(len(indices))
    matrix = csr_matrix((data, indices, starts), shape=(len(features), len(columns)))
    matrix.sum_duplicates()
    return matrix
