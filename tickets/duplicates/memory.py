"""How long a process remembers what it has read of texts, to compare them again without reading them anew.

A redaction runs in another process and cannot reach this memory: it ends by itself.
"""

import time

from tickets.duplicates.directory import Directory, get_directory
from tickets.duplicates.place_names import compare_rooms, read_place_name
from tickets.duplicates.reading import read_report
from tickets.duplicates.terms import find_compound, grams_of

SECONDS = 300
CACHES = (
    *(read_report, grams_of, find_compound, read_place_name, compare_rooms),
    *(get_directory, Directory.read, Directory.compare),
)
_began_at = time.monotonic()


def forget_after_a_while() -> None:
    """Called before texts are compared."""
    global _began_at
    if time.monotonic() - _began_at >= SECONDS:
        _began_at = time.monotonic()
        for cache in CACHES:
            cache.cache_clear()
