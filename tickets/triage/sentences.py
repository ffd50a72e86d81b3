"""The sentences of a text, and how much each has to say: a report counts, the story around it hardly."""

import re
from collections.abc import Mapping, Sequence
from math import exp
from typing import NamedTuple

from tickets.triage.features import WORD, Word, distinct, fold

END = re.compile(r"[.!?]+(?=\s)|\n+")
FEWEST_WORDS = 2  # that count: a shorter sentence belongs to the one before it


class Sentence(NamedTuple):
    """The words that count, and all that was written."""

    words: tuple[Word, ...]
    text: str


def split_sentences(text: str, words: Sequence[Word]) -> list[Sentence]:
    """At least one sentence; each but the first has enough words of its own."""
    sentences: list[Sentence] = []
    start = 0
    for end in [match.end() for match in END.finditer(text)] + [len(text)]:
        found = tuple(word for word in words if start <= word.start < end)
        sentence = Sentence(found, text[start:end])
        if sentences and (len(found) < FEWEST_WORDS or len(sentences[-1].words) < FEWEST_WORDS):
            last = sentences.pop()
            sentence = Sentence(last.words + found, last.text + sentence.text)
        sentences.append(sentence)
        start = end
    return sentences


def find_say(text: str, telling: Mapping[str, float]) -> float:
    """Half the logarithm of the odds that this reports something rather than tells a story."""
    return sum(telling.get(word, 0.0) for word in distinct(fold(m.group()) for m in WORD.finditer(text)))


def share_out(says: Sequence[float]) -> list[float]:
    """The part of the verdict that each sentence has; together 1."""
    raised = [exp(say - max(says)) for say in says]
    return [value / sum(raised) for value in raised]
