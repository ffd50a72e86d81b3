"""Which words of a text decided, in the text's own spelling."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from tickets.triage.features import CLAUSE, WORD, Word

MAX_PHRASES = 5
MIN_AFTER_JOINING = 3
MAX_PHRASE_LENGTH = 40
MAX_SHOWN_LENGTH = 80
MIN_WEIGHT = 0.0001  # of a word that is shown although nothing in the text supports the winner

Span = tuple[int, int]


def find_evidence(
    text: str, words: Sequence[Word], word_scores: Mapping[str, float], pair_scores: Mapping[str, float]
) -> tuple[tuple[str, float], ...]:
    """At most five words or phrases with the weight that they gave the winner, strongest first.

    If no word supports the winner, the first words are shown with the least weight, stop words if there are
    no others; only a text without any word shows nothing.
    """
    first_seen = {word.folded: word for word in reversed(words)}
    found: dict[Span, float] = {}
    for word in first_seen.values():  # the parts of a compound share a span
        span = (word.start, word.end)
        found[span] = found.get(span, 0.0) + word_scores.get(word.folded, 0.0)
    found = {span: weight for span, weight in found.items() if weight > 0}
    for left, right, weight in _joinable(text, words, pair_scores):
        if len(found) > MIN_AFTER_JOINING and left in found and right in found:
            found[left[0], right[1]] = weight + found.pop(left) + found.pop(right)
    if not found:
        spans = [(word.start, word.end) for word in words] or [match.span() for match in WORD.finditer(text)]
        found = dict.fromkeys(spans[:MIN_AFTER_JOINING], MIN_WEIGHT)
    strongest = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MAX_PHRASES]
    return tuple((text[a:b][:MAX_SHOWN_LENGTH], max(round(w, 4), MIN_WEIGHT)) for (a, b), w in strongest)


def _joinable(
    text: str, words: Sequence[Word], pair_scores: Mapping[str, float]
) -> list[tuple[Span, Span, float]]:
    """Neighbours that support the winner together, the strongest pair first."""
    pairs = []
    for left, right in pairwise(words):
        weight = pair_scores.get(f"{left.folded} {right.folded}", 0.0)  # not across sentences
        phrase = text[left.start : right.end]
        if (
            weight > 0
            and left.end < right.start
            and len(phrase) <= MAX_PHRASE_LENGTH
            and CLAUSE.fullmatch(phrase)
        ):
            pairs.append(((left.start, left.end), (right.start, right.end), weight))
    return sorted(pairs, key=lambda pair: -pair[2])
