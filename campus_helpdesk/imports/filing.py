"""How an imported ticket is stored under its category."""

from typing import NamedTuple


class Filing(NamedTuple):
    """Which category a ticket is stored under, who said so, and what the machine said.

    judged: the machine's category where a person confirmed or changed it, else empty.
    """

    category: str
    source: str
    needs_review: bool = False
    confidence: float = 0.0
    runner_up: str = ""
    evidence: tuple[tuple[str, float], ...] = ()
    model: str = ""
    is_mixed: bool = False
    judged: str = ""
