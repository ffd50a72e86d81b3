"""Words of tickets that contain a typed one, or differ from it by one letter.

The words of all tickets are never shown, and only the helpdesk's searches use them: otherwise limits and
hidden words would reveal to users which words occur in notes and closed tickets.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from common.roles import Role
from tickets.access import VISIBLE_STATUSES

MIN_LETTERS, MAX_LETTERS = 4, 30  # letters; shorter words resemble too many others
MAX_WORDS = 200
ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзиклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρςστυφχψω")
MAX_EXTENSIONS = 50  # a shorter prefix has too many words
ALL_WORDS = "tickets_searchword AS known WHERE true"
PUBLIC_WORDS = """tickets_publicword AS known
    WHERE (SELECT status FROM tickets_ticket AS ticket WHERE ticket.id = known.ticket_id) = ANY(%(seen)s)"""
SIMILAR = """
SELECT typed, found.word FROM unnest(%(words)s::text[]) AS typed CROSS JOIN LATERAL (
    SELECT DISTINCT word FROM {words} AND word LIKE '%%' || typed || '%%' ORDER BY word LIMIT %(max_words)s
) AS found
UNION
SELECT typed, found.word FROM unnest(%(typed)s::text[], %(edits)s::text[]) AS edit (typed, edited)
CROSS JOIN LATERAL (SELECT word FROM {words} AND word = edited LIMIT 1) AS found
"""
EXTENSIONS = """
UNION
SELECT typed, found.word FROM unnest(%(words)s::text[]) AS typed CROSS JOIN LATERAL (
    SELECT DISTINCT word FROM {words} AND word ~>~ typed AND word ~<~ (typed || chr(1114111))
    ORDER BY word LIMIT %(max_extensions)s
) AS found
"""
# Two tickets that change at once may leave a public word out, so users' prefixes are left to the index.
QUERIES = {
    Role.HELPDESK: (SIMILAR + EXTENSIONS).format(words=ALL_WORDS),
    Role.USER: SIMILAR.format(words=PUBLIC_WORDS),
}


@dataclass(frozen=True)
class SimilarWords:
    """extensions: all words that begin with the typed one, None if there are very many or it is unknown.
    others: words that contain it or differ by one typing error."""

    extensions: Sequence[str] | None
    others: Sequence[str]


def find_similar(words: Iterable[str], misspelt: Iterable[str], role: Role) -> dict[str, SimilarWords]:
    """For each word those that contain it, for each misspelt one also those that differ by one typing
    error."""
    searchable = [word for word in words if MIN_LETTERS <= len(word) <= MAX_LETTERS and word.isalpha()]
    edits = [(word, edit) for word in misspelt if word in searchable for edit in one_edit_away(word)]
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {
            "words": searchable,
            "max_words": MAX_WORDS,
            "max_extensions": MAX_EXTENSIONS,
            "typed": [word for word, _ in edits],
            "edits": [edit for _, edit in edits],
            "seen": VISIBLE_STATUSES[role],
        }
        cursor.execute(QUERIES[role], parameters)
        rows = sorted(cursor.fetchall())
    return {
        word: group_similar(word, [found for typed, found in rows if typed == word], role)
        for word in searchable
    }


def group_similar(typed: str, words: Sequence[str], role: Role) -> SimilarWords:
    extensions = [word for word in words if word.startswith(typed) and word != typed]
    others = [word for word in words if not word.startswith(typed)]
    is_complete = role == Role.HELPDESK and len(extensions) < MAX_EXTENSIONS
    return SimilarWords(extensions if is_complete else None, others)


def one_edit_away(word: str) -> set[str]:
    """The variants of a word with one letter too few, too many or replaced, or two swapped."""
    letters = next((alphabet for alphabet in ALPHABETS if word[0] in alphabet), "")
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    return set(_edits(halves, letters)) - {word}


def _edits(halves: Sequence[tuple[str, str]], letters: str) -> Iterator[str]:
    for left, right in halves:
        yield left + right[1:]
        yield left + right[1:2] + right[:1] + right[2:]
        for letter in letters:
            yield left + letter + right
            yield left + letter + right[1:]
