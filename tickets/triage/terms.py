"""Spellings of one term: wi-fi, Wi‑Fi and wifi, A/C and AC, E-Mail-Adresse and email adresse."""

import re

HYPHENS = "-\u2010\u2011\u2012"  # hyphen-minus, hyphen, no-break hyphen, figure dash
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"  # soft hyphen and characters without a width
LETTERS = rf"[^\W_](?:[^\W_]|[\u0300-\u036f{INVISIBLE}])*"
TERM = re.compile(rf"{LETTERS}(?:[{HYPHENS}/]{LETTERS})*")
PART = re.compile(LETTERS)
SHORT = 2  # letters of a part that is no word by itself

Span = tuple[int, int]


def find_terms(text: str, start: int, end: int) -> list[Span]:
    """The spans of the terms between two positions: words, or short parts and what they belong to."""
    return [span for match in TERM.finditer(text, start, end) for span in _split(match)]


def _split(term: re.Match[str]) -> list[Span]:
    parts = [part.span() for part in PART.finditer(term.string, *term.span())]
    if len(parts) == 1:
        return parts
    if "/" in term.group():
        return [term.span()] if all(map(_is_short, parts)) else parts
    return _join_short(parts)


def _join_short(parts: list[Span]) -> list[Span]:
    """A short part belongs to the one after it, the last one to the one before."""
    joined = [parts[0]]
    for part in parts[1:]:
        if _is_short(joined[-1]) or (part == parts[-1] and _is_short(part)):
            joined[-1] = (joined[-1][0], part[1])
        else:
            joined.append(part)
    return joined


def _is_short(span: Span) -> bool:
    return span[1] - span[0] <= SHORT
