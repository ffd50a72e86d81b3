"""Durations as people say them."""

from datetime import timedelta

STEPS = [
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
]


SHORTEST = STEPS[-1][0]


def in_words(length: timedelta) -> str:
    """The largest whole unit that fits: "3 days", "1 hour"; below a minute "moments"."""
    for step, name in STEPS:
        count = length // step
        if count >= 1:
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "moments"


def ago(length: timedelta) -> str:
    """As "3 days ago", "just now"; in the future "in 3 days"."""
    if length < -SHORTEST:
        return f"in {in_words(-length)}"
    return f"{in_words(length)} ago" if length >= SHORTEST else "just now"
