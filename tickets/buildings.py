"""The buildings that tickets name: a few names of many tickets, found without reading the tickets."""

from collections.abc import Callable
from hashlib import sha256
from unicodedata import combining, normalize

from django.db import connection
from django.db.models import QuerySet

from django_common.text_validation import fold_line

# Jumps from each name to the next one in the index, however many tickets lie between them.
NAMES = """
WITH RECURSIVE known AS (
    (SELECT building FROM tickets_ticket ORDER BY building LIMIT 1)
    UNION ALL
    SELECT (SELECT ticket.building FROM tickets_ticket ticket
            WHERE ticket.building > known.building ORDER BY ticket.building LIMIT 1)
    FROM known WHERE known.building IS NOT NULL
)
SELECT building FROM known WHERE building <> ''
"""


def find_buildings(is_wanted: Callable[[str], bool]) -> list[str]:
    """Names on tickets of any status: callers must filter by what the user may see."""
    with connection.cursor() as cursor:
        cursor.execute(NAMES)
        return [name for (name,) in cursor if is_wanted(name)]


def fold_name(name: str) -> str:
    """The name of a building without case and accents, for searching."""
    folded = normalize("NFKD", fold_line(name).casefold())
    return "".join(letter for letter in folded if not combining(letter))


def find_spelling(name: str, visible: QuerySet) -> str:
    """A building as spelled on tickets that the writer may see, so that case makes no second building."""
    if not name or visible.filter(building=name).order_by("-opened_at").values_list("pk").first():
        return name
    same = find_buildings(lambda building: building.casefold() == name.casefold())
    spellings = visible.filter(building__in=same).order_by("building").values_list("building", flat=True)
    return spellings.first() or name


def digest(name: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the name in UTF-8."""
    return sha256(name.encode()).hexdigest()[:16]
