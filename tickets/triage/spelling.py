"""A slip of the finger is forgiven: a strange word is read as the known one beside it."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from tickets.triage.features import Word

SHORTEST = 5  # letters of a word that is looked at: shorter ones have too many neighbours
MOST_MENDED = 40  # strange words of a text that are looked at: bounds the time of any text
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Weights = Mapping[str, Sequence[int]]


def mend_words(words: Sequence[Word], known: Weights, stop_words: Collection[str]) -> list[Word]:
    """The words in their known spelling, where there is one; what is a stop word then is dropped."""
    mended, looked_at = [], 0
    for word in words:
        is_strange = len(word.folded) >= SHORTEST and word.folded not in known
        if is_strange and looked_at < MOST_MENDED:
            looked_at += 1
            word = word._replace(folded=_mend(word.folded, known, stop_words))
        if word.folded not in stop_words:
            mended.append(word)
    return mended or list(words)


def _mend(word: str, known: Weights, stop_words: Collection[str]) -> str:
    """The neighbour that says most, else a stop word, else the word itself."""
    neighbours = set(_one_slip_away(word))
    telling = [near for near in neighbours if near in known]
    if telling:
        return min(telling, key=lambda near: (-max(map(abs, known[near])), near))
    return min((near for near in neighbours if near in stop_words), default=word)


def _one_slip_away(word: str) -> Iterator[str]:
    """All words that differ by one letter lost, added, mistaken or swapped; the first letter stands."""
    for at in range(1, len(word) + 1):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in LETTERS:
            yield head + letter + tail
            yield head + letter + tail[1:]
