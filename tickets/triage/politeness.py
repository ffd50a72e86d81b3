"""Which parts of a text are mere politeness and must carry no weight."""

from collections.abc import Sequence
from typing import NamedTuple

MAX_ADDRESS_WORDS = 2  # words that count: "Dear Jones", "Good morning dear staff"
MAX_PHRASE_WORDS = 5  # words that count after "I would be glad if" or "thanks for"
MAX_SIGNATURE_WORDS = 2


class PolitenessLexicon(NamedTuple):
    """Folded polite words; a clause with one of the `topic_words` is more than politeness."""

    addresses: frozenset[str] = frozenset()
    phrases: frozenset[str] = frozenset()
    topic_words: frozenset[str] = frozenset()

    def is_only_polite(self, content: Sequence[str], longest: int) -> bool:
        return len(content) <= longest and self.topic_words.isdisjoint(content)


class PolitenessFilter:
    """Reads the clauses of one text in order, because names and titles follow polite words."""

    def __init__(self, lexicon: PolitenessLexicon, stop_words: frozenset[str]):
        self.lexicon = lexicon
        self.stop_words = stop_words
        self.was_polite = False

    def polite_from(self, words: Sequence[str]) -> int:
        """Where the politeness of a clause begins: 0 if all of it is polite, its length if nothing is."""
        content = self._content(words)
        if content and content[0] in self.lexicon.addresses and len(content) <= MAX_ADDRESS_WORDS:
            return 0
        if self.was_polite and self.lexicon.is_only_polite(content, MAX_SIGNATURE_WORDS):
            return 0
        start = self._find_phrase(words)
        self.was_polite = start < len(words)
        return start

    def _find_phrase(self, words: Sequence[str]) -> int:
        lexicon = self.lexicon
        start = next((position for position, word in enumerate(words) if word in lexicon.phrases), len(words))
        return start if lexicon.is_only_polite(self._content(words[start:]), MAX_PHRASE_WORDS) else len(words)

    def _content(self, words: Sequence[str]) -> list[str]:
        return [word for word in words if word not in self.stop_words]
