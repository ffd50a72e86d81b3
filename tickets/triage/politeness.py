"""Which parts of a text are mere politeness: they say nothing and must weigh nothing."""

from collections.abc import Sequence
from typing import NamedTuple

LONGEST_ADDRESS = 2  # words that count: "Dear Jones", "Good morning dear staff"
LONGEST_PHRASE = 5  # words that count behind "I would be glad if" or "thanks for"
LONGEST_SIGNATURE = 2


class Courtesy(NamedTuple):
    """Folded words of politeness; what holds one of the `matters` is more than politeness."""

    addresses: frozenset[str] = frozenset()
    phrases: frozenset[str] = frozenset()
    matters: frozenset[str] = frozenset()

    def says_nothing(self, content: Sequence[str], longest: int) -> bool:
        return len(content) <= longest and self.matters.isdisjoint(content)


class PolitenessFilter:
    """Reads the clauses of one text in order, because after polite words come names and titles."""

    def __init__(self, courtesy: Courtesy, stop_words: frozenset[str]):
        self.courtesy = courtesy
        self.stop_words = stop_words
        self.was_polite = False

    def polite_from(self, words: Sequence[str]) -> int:
        """Where the politeness of a clause begins: 0 for all of it, its length for nothing of it."""
        content = self._content(words)
        if content and content[0] in self.courtesy.addresses and len(content) <= LONGEST_ADDRESS:
            return 0
        if self.was_polite and self.courtesy.says_nothing(content, LONGEST_SIGNATURE):
            return 0
        start = self._find_phrase(words)
        self.was_polite = start < len(words)
        return start

    def _find_phrase(self, words: Sequence[str]) -> int:
        known = self.courtesy
        start = next((place for place, word in enumerate(words) if word in known.phrases), len(words))
        return start if known.says_nothing(self._content(words[start:]), LONGEST_PHRASE) else len(words)

    def _content(self, words: Sequence[str]) -> list[str]:
        return [word for word in words if word not in self.stop_words]
