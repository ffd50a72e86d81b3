"""Which buildings may be the same: nearly equal names, proposed to the helpdesk for merging."""

import re
from itertools import permutations

from django.db import connection, transaction
from rapidfuzz.distance import OSA

from places.models import MergeProposal, Place

BATCH = 200  # places of one run
MAX_WORDS = 6
# Words that say only that it is a building.
GENERIC = {"the", "building", "bldg", "house", "gebaude", "haus"}
# Spellings that share a third of their groups of three letters, found by an index.
CANDIDATES = """
SELECT mine.place_id, other.place_id, mine.key, other.key
FROM places_spelling mine
JOIN places_spelling other ON other.building_id IS NULL AND other.key %% mine.key
WHERE mine.place_id = ANY(%s) AND mine.building_id IS NULL AND mine.place_id <> other.place_id
"""


@transaction.atomic
def compare_places() -> int:
    """Proposes merges of buildings that were not compared yet. Returns how many buildings were compared."""
    rows = (
        Place.objects.buildings().filter(is_compared=False).select_for_update(skip_locked=True, no_key=True)
    )
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES, [ids])
        pairs = {tuple(sorted(pair)) for *pair, one, other in cursor.fetchall() if may_be_same(one, other)}
    MergeProposal.objects.bulk_create(
        [MergeProposal(first_id=first, second_id=second) for first, second in sorted(pairs)],
        ignore_conflicts=True,
    )
    Place.objects.filter(pk__in=ids).update(is_compared=True)
    return len(ids)


def may_be_same(one: str, other: str) -> bool:
    """Two keys that differ in typing errors, abbreviations, the order of words or a word like "building". A
    number or a single letter tells buildings apart."""
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    first, second = split_words(one), split_words(other)
    if len(first) != len(second) or len(first) > MAX_WORDS:
        return False
    return any(all(map(is_near, first, order)) for order in permutations(second))


def split_words(key: str) -> list[str]:
    words = re.findall(r"\w+", key)
    return [word for word in words if word not in GENERIC] or words


def is_near(word: str, other: str) -> bool:
    if word == other:
        return True
    short, long = sorted((word, other), key=len)
    if len(short) < 3 or any(letter.isdigit() for letter in word + other):
        return False
    return OSA.distance(word, other) <= errors_allowed(len(short)) or is_abbreviation(short, long)


def errors_allowed(length: int) -> int:
    return 0 if length < 5 else 1 if length < 9 else 2


def is_abbreviation(short: str, long: str) -> bool:
    """Whether the letters of the short word occur in the long one in this order, beginning with the first."""
    letters = iter(long)
    return (
        short[0] == long[0] and len(short) <= len(long) * 2 / 3 and all(letter in letters for letter in short)
    )
