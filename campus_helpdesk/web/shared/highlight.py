"""Highlights the words that decided in the text that is shown."""

import re
from collections.abc import Iterable, Sequence

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

MAX_MARKS_PER_PHRASE = 3  # times that one phrase is marked, so that a long text stays readable
MIN_SHARE = 0.1  # of the strongest word: weaker ones decided nothing
WHOLE_WORD = r"(?<![^\W_]){}(?![^\W_]|[\u0300-\u036f])"

Span = tuple[int, int]


def deciding_words(evidence: Sequence[tuple[str, float]]) -> list[str]:
    """The words of a verdict's evidence that have enough weight to be shown."""
    strongest = max((weight for _, weight in evidence), default=0.0)
    return [word for word, weight in evidence if weight >= MIN_SHARE * strongest]


def mark_words(text: str, phrases: Iterable[str]) -> SafeString:
    """The text as HTML in which each phrase is in <mark>; the text itself is escaped piece by piece."""
    pieces, position = [], 0
    for start, end in _join(span for phrase in phrases for span in _find(text, phrase)):
        pieces += [conditional_escape(text[position:start]), format_html("<mark>{}</mark>", text[start:end])]
        position = end
    return mark_safe("".join([*pieces, conditional_escape(text[position:])]))  # noqa: S308 - escaped above


def _find(text: str, phrase: str) -> list[Span]:
    found = re.finditer(WHOLE_WORD.format(re.escape(phrase)), text)
    return [match.span() for match, _ in zip(found, range(MAX_MARKS_PER_PHRASE), strict=False)]


def _join(spans: Iterable[Span]) -> list[Span]:
    """In the order of the text; overlapping ones are joined."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
