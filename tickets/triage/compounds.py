"""Reads an unknown compound as the known words that it is made of: 'Heizungsproblem', 'gangverlichting'."""

from collections.abc import Collection, Iterator

MIN_PART = 5  # letters of a part: shorter ones occur in words that have nothing to do with them
LINKS = ("", "s", "n", "en", "es", "e")  # letters between the parts, in German and Dutch


def split_compound(word: str, known: Collection[str], neutral: Collection[str]) -> list[str]:
    """Its two parts, the first as long as possible; empty unless both are known. Neutral ones are dropped."""
    if len(word) < 2 * MIN_PART:
        return []
    parts = next(_find_parts(word, known, neutral), ())
    return [part for part in parts if part not in neutral]


def _find_parts(word: str, known: Collection[str], neutral: Collection[str]) -> Iterator[tuple[str, str]]:
    for end in range(len(word) - MIN_PART, MIN_PART - 1, -1):
        first = word[:end]
        if first not in known and first not in neutral:
            continue
        for link in LINKS:
            last = word[end + len(link) :]
            if word.startswith(link, end) and len(last) >= MIN_PART and (last in known or last in neutral):
                yield first, last
