"""The sentences of a text and their salience: a report counts, the story around it hardly does."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import exp
from typing import NamedTuple

from tickets.triage.features import WORD, Word, distinct, fold

SENTENCE_END = re.compile(
    r"[.!?](?=\s)|\n+"
)  # a single mark: matching a run of them would take quadratic time
MIN_WORDS = 2  # words that count: a shorter sentence is joined to the next one, the last to the one before


class Sentence(NamedTuple):
    """The words that count, and all that was written."""

    words: tuple[Word, ...]
    text: str


def split_sentences(text: str, words: Sequence[Word]) -> list[Sentence]:
    """At least one sentence; if there are several, each has enough words that count."""
    word_starts = [word.start for word in words]
    begins = [(0, 0)]
    for match in SENTENCE_END.finditer(text):
        count = bisect_left(word_starts, match.end())
        if min(count - begins[-1][1], len(words) - count) >= MIN_WORDS:
            begins.append((match.end(), count))
    ends = [*begins[1:], (len(text), len(words))]
    return [
        Sentence(tuple(words[first:last]), text[start:end])
        for (start, first), (end, last) in zip(begins, ends, strict=True)
    ]


def find_salience(text: str, salience: Mapping[str, float]) -> float:
    """Half the log-odds that the sentence reports something rather than tells a story."""
    return sum(salience.get(word, 0.0) for word in distinct(fold(m.group()) for m in WORD.finditer(text)))


def weigh_sentences(saliences: Sequence[float]) -> list[float]:
    """Each sentence's share of the verdict; they add up to 1."""
    raised = [exp(salience - max(saliences)) for salience in saliences]
    return [value / sum(raised) for value in raised]
