"""The sentences of a text and their salience: a report counts, the story around it hardly does."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from math import exp
from typing import NamedTuple

from tickets.triage.features import WORD, Word, distinct, fold

SENTENCE_END = re.compile(
    r"[.!?](?=\s)|\n+"
)  # a single mark: matching a run of them would take quadratic time
REPORT_WEIGHT = 0.25  # of a positive salience: of two reports the longer one must not decide alone
MIN_WORDS = 2  # words that count: a shorter sentence is joined to the next one, the last to the one before


class Sentence(NamedTuple):
    """The words that count, and what was written without sentences in which none does: a greeting is no
    story."""

    words: tuple[Word, ...]
    text: str


def split_sentences(text: str, words: Sequence[Word]) -> list[Sentence]:
    """At least one sentence; if there are several, each has enough words that count."""
    joined: list[Sentence] = []
    left = len(words)
    for part in _split_at_marks(text, words):
        if joined and min(len(joined[-1].words), left) < MIN_WORDS:
            joined[-1] = Sentence(joined[-1].words + part.words, joined[-1].text + part.text)
        else:
            joined.append(part)
        left -= len(part.words)
    return joined or [Sentence((), text)]


def _split_at_marks(text: str, words: Sequence[Word]) -> Iterator[Sentence]:
    """The parts between full stops and line ends in which a word counts."""
    word_starts = [word.start for word in words]
    start = first = 0
    for end in [*(match.end() for match in SENTENCE_END.finditer(text)), len(text)]:
        last = bisect_left(word_starts, end) if end < len(text) else len(words)
        if last > first:
            yield Sentence(tuple(words[first:last]), text[start:end])
        start, first = end, last


def find_salience(text: str, salience: Mapping[str, float]) -> float:
    """Half the log-odds that the sentence reports something rather than tells a story."""
    return sum(salience.get(word, 0.0) for word in distinct(fold(m.group()) for m in WORD.finditer(text)))


def weigh_sentences(saliences: Sequence[float]) -> list[float]:
    """Each sentence's share of the verdict; they add up to 1."""
    damped = [salience * REPORT_WEIGHT if salience > 0 else salience for salience in saliences]
    raised = [exp(salience - max(damped)) for salience in damped]
    return [value / sum(raised) for value in raised]
