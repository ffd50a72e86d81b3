"""How long a process remembers what it has read of texts, to compare them again without reading them anew.

A redaction runs in another process and cannot reach this memory: it ends by itself.
"""

import time

from tickets.duplicates.reading import find_thing, grams_of, read_name, read_report

SECONDS = 300
_began_at = time.monotonic()


def forget_after_a_while() -> None:
    """Called before texts are compared."""
    global _began_at
    if time.monotonic() - _began_at >= SECONDS:
        _began_at = time.monotonic()
        for remembered in (read_report, read_name, grams_of, find_thing):
            remembered.cache_clear()
