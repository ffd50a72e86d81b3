"""Tickets that are worth comparing with a report, found by indexes of the unresolved tickets alone."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from tickets.duplicates.directory import Directory
from tickets.duplicates.reading import Reading
from tickets.duplicates.scoring import is_named
from tickets.duplicates.terms import read_terms
from tickets.lifecycle import Status
from tickets.models import Ticket

MAX_GROUPS = 12  # words or things that are looked for
MAX_OF_GROUP = 400  # a more common word does not tell tickets apart
BY_WORDS, BY_PLACE, NEWEST = 40, 40, 20  # tickets of each kind
COMMON_WORDS = """
SELECT word, frequency * greatest(reltuples, 0)
FROM pg_stats, pg_class,
    unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (word, frequency)
WHERE tablename = 'ticket_by_word_unresolved' AND pg_class.relname = tablename AND word IS NOT NULL
"""


def find_candidates(reading: Reading, among: QuerySet[Ticket], directory: Directory) -> list[Ticket]:
    """Unresolved ones of these tickets."""
    ids = set(find_by_words(reading))
    unresolved = among.exclude(status=Status.CLOSED)
    newest = unresolved.order_by("-opened_at", "-id").values_list("pk", flat=True)
    ids.update(newest[:NEWEST])
    if same := find_same_buildings(reading, directory):
        ids.update(newest.filter(building__in=same)[:BY_PLACE])
    rows = unresolved.filter(pk__in=ids)
    return list(rows.only("description", "building", "room", "category", "status", "opened_at", "me_too"))


def find_same_buildings(reading: Reading, directory: Directory) -> list[str]:
    """Names of the report's building; without one, of those that its text names."""
    if reading.building:
        return [name for name in directory.names if directory.compare(name, reading.building) > 0]
    return [name for name in directory.names if is_named(directory.read(name), reading)]


def find_by_words(reading: Reading) -> list[int]:
    """Those that share most of the rarer words and things, of equal ones the newest."""
    groups = rarest_groups(reading)
    if not groups:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT find_unresolved(%s, %s, %s)", [groups, MAX_OF_GROUP, BY_WORDS])
        return [pk for (pk,) in cursor.fetchall()]


def rarest_groups(reading: Reading) -> list[str]:
    """Words parted by blanks, any of which will do: the names of each thing, and what names no thing."""
    groups = [thing_words(thing) for thing in sorted(reading.things)]
    named = {word for group in groups for word in group}
    groups += [[word] for word in sorted(reading.words - named)]
    common = read_common_words()
    counted = sorted((sum(common.get(word, 0) for word in group), group) for group in groups)
    return [" ".join(group) for count, group in counted if count <= MAX_OF_GROUP][:MAX_GROUPS]


def thing_words(thing: str) -> list[str]:
    """Phrases are left out: their words by themselves mean other things."""
    return [term for term in read_terms("things.txt")[thing] if " " not in term]


def read_common_words() -> dict[str, float]:
    """Word -> about how many unresolved tickets have it, of the most common words. Empty before the first
    ANALYZE."""
    with connection.cursor() as cursor:
        cursor.execute(COMMON_WORDS)
        rows: Iterable[tuple[str, float]] = cursor.fetchall()
        return dict(rows)
