"""Words of the tickets that contain a typed one, or are one letter away from it.

They are never shown to anybody: some stand in tickets that the caller may not know of.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

SHORTEST, LONGEST = 4, 30  # letters; shorter words are like too many others
MOST_WORDS = 200
ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзиклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρςστυφχψω")
SIMILAR = """
SELECT typed, found.word FROM unnest(%(words)s::text[]) AS typed CROSS JOIN LATERAL (
    SELECT DISTINCT word FROM tickets_searchword WHERE word LIKE '%%' || typed || '%%'
    ORDER BY word LIMIT %(most)s
) AS found
UNION
SELECT slip.typed, known.word FROM unnest(%(typed)s::text[], %(slips)s::text[]) AS slip (typed, word)
JOIN tickets_searchword AS known USING (word)
"""


def find_similar(words: Iterable[str], misspelt: Iterable[str]) -> dict[str, list[str]]:
    """For each word those that contain it, for each misspelt one also those that differ by one slip."""
    long = [word for word in words if SHORTEST <= len(word) <= LONGEST and word.isalpha()]
    slips = [(word, slip) for word in misspelt if word in long for slip in make_slips(word)]
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "words": long,
            "most": MOST_WORDS,
            "typed": [word for word, _ in slips],
            "slips": [slip for _, slip in slips],
        }
        cursor.execute(SIMILAR, given)
        return group(cursor.fetchall())


def group(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    similar: dict[str, list[str]] = {}
    for typed, word in sorted(pairs):
        if not word.startswith(typed):
            similar.setdefault(typed, []).append(word)
    return similar


def make_slips(word: str) -> set[str]:
    """What a word becomes by one letter too few, too many, another one, or two that changed places."""
    letters = next((alphabet for alphabet in ALPHABETS if word[0] in alphabet), "")
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    return set(_slips_between(halves, letters)) - {word}


def _slips_between(halves: Sequence[tuple[str, str]], letters: str) -> Iterator[str]:
    for left, right in halves:
        yield left + right[1:]
        yield left + right[1:2] + right[:1] + right[2:]
        for letter in letters:
            yield left + letter + right
            yield left + letter + right[1:]
