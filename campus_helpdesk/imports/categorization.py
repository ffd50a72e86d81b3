"""How an imported ticket is stored under its category."""

from typing import NamedTuple


class Categorization(NamedTuple):
    """The category of a ticket, who chose it, and what triage chose.

    judged: triage's category if a person confirmed or changed it, else empty.
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
