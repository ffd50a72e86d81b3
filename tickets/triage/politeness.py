"""Which parts of a text are mere politeness and must carry no weight."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

MAX_ADDRESS_WORDS = 2  # words that count: "Dear Jones", "Good morning dear staff"
MAX_PHRASE_WORDS = 5  # words that count after "I would be glad if" or "thanks for"
MAX_NAME_WORDS = 2


class PolitenessLexicon(NamedTuple):
    """Folded polite words; a clause with one of the `topic_words` is more than politeness."""

    addresses: frozenset[str] = frozenset()
    phrases: frozenset[str] = frozenset()
    topic_words: frozenset[str] = frozenset()

    def is_only_polite(self, content: Sequence[str], longest: int) -> bool:
        return len(content) <= longest and self.topic_words.isdisjoint(content)


class PolitenessFilter:
    """Reads the clauses of one text together, because a name follows the last polite phrase."""

    def __init__(self, lexicon: PolitenessLexicon, stop_words: frozenset[str]):
        self.lexicon = lexicon
        self.stop_words = stop_words

    def find_polite_starts(self, clauses: Sequence[Sequence[str]], *, drop_names: bool) -> Iterator[int]:
        """For each clause where its politeness begins: 0 if all of it is polite, its length if nothing is."""
        starts = [self._find_phrase(words) for words in clauses]
        is_polite = [start < len(words) for start, words in zip(starts, clauses, strict=True)]
        last_polite = max((n for n, polite in enumerate(is_polite) if polite), default=len(clauses))
        may_be_name = False
        for n, (start, words) in enumerate(zip(starts, clauses, strict=True)):
            content = self._content(words)
            if self._is_address(content):
                yield 0
                continue
            is_name = may_be_name and self.lexicon.is_only_polite(content, MAX_NAME_WORDS)
            yield 0 if is_name else start
            may_be_name = is_name or (drop_names and n == last_polite)

    def _is_address(self, content: Sequence[str]) -> bool:
        return bool(content) and content[0] in self.lexicon.addresses and len(content) <= MAX_ADDRESS_WORDS

    def _find_phrase(self, words: Sequence[str]) -> int:
        lexicon = self.lexicon
        start = next((position for position, word in enumerate(words) if word in lexicon.phrases), len(words))
        return start if lexicon.is_only_polite(self._content(words[start:]), MAX_PHRASE_WORDS) else len(words)

    def _content(self, words: Sequence[str]) -> list[str]:
        return [word for word in words if word not in self.stop_words]
