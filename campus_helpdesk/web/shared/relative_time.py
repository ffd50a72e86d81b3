"""Durations as people say them."""

from datetime import timedelta

UNITS = [
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
]


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAX_HOURS = timedelta(hours=48)
SMALLEST_UNIT = UNITS[-1][0]


def format_length(length: timedelta) -> str:
    """The largest whole unit that fits: "3 days", "1 hour"; below a minute "moments"."""
    for step, name in UNITS:
        count = length // step
        if count >= 1:
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "moments"


def ago(length: timedelta) -> str:
    """As "3 days ago", "just now"; in the future "in 3 days"."""
    if length < -SMALLEST_UNIT:
        return f"in {format_length(-length)}"
    return f"{format_length(length)} ago" if length >= SMALLEST_UNIT else "just now"


def round_up_length(length: timedelta) -> str:
    """As a promise of time: "16 hours" below two days, then "3 days"; at least "1 hour"."""
    unit, name = (HOUR, "hour") if length <= MAX_HOURS else (DAY, "day")
    count = max(1, -(-length // unit))
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
