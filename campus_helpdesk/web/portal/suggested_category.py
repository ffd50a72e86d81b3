"""The category of a report while it is filled in."""

from django_common.text_validation import MAX_TEXT_LENGTH
from tickets.learning.active_model import get_active_model
from tickets.triage import Verdict, classify

MIN_LETTERS = 8


def suggest_category(description: str) -> Verdict | None:
    """None for a text that is too short to say anything."""
    text = description.strip()[:MAX_TEXT_LENGTH]
    return classify(text, get_active_model()) if len(text) >= MIN_LETTERS else None
