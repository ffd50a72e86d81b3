"""Turns what a form or a program sends into a Recurrence."""

from typing import Any

from analytics_gateway.recurrence import LAST_DAY_OF_MONTH, LAST_HOUR, LAST_WEEKDAY, Cadence, Recurrence
from common.digits import parse_digits
from common.errors import Invalid


def clean_recurrence(cadence: Any, *, hour: Any, weekday: Any, day_of_month: Any) -> Recurrence:
    """Digits are accepted like numbers; what the cadence does not need is ignored. Raises Invalid."""
    if cadence not in Cadence.values:
        raise Invalid({"cadence": [f"Choose one of: {', '.join(Cadence.values)}."]})
    ranges: dict[str, tuple[Any, int, int]] = {"hour": (hour, 0, LAST_HOUR)}
    if cadence == Cadence.WEEKLY:
        ranges["weekday"] = (weekday, 0, LAST_WEEKDAY)
    if cadence == Cadence.MONTHLY:
        ranges["day_of_month"] = (day_of_month, 1, LAST_DAY_OF_MONTH)
    numbers = {name: read_whole(value) for name, (value, _, _) in ranges.items()}
    errors = {
        name: [f"Enter a whole number from {first} to {last}."]
        for name, (_, first, last) in ranges.items()
        if not first <= numbers[name] <= last
    }
    if errors:
        raise Invalid(errors)
    return Recurrence(cadence, **numbers)


def read_whole(value: Any) -> int:
    """The number, or -1, which no field accepts."""
    number = parse_digits(value, 2) if isinstance(value, str) else value
    return number if isinstance(number, int) and not isinstance(number, bool) else -1
