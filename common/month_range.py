"""The parameters of an analysis by opening month, and how they depend on each other."""

from datetime import UTC, datetime
from typing import Any

from common.catalogue import AdvancedParameters, Errors
from common.parameters import MAX_MONTHS, Count, Month, month_number

PARAMETERS = (
    Month(name="from", label="First month", help="First month opened, included. Empty: the first ticket's."),
    Month(
        name="until",
        label="Last month",
        help="Last month opened, included. Empty: the current month.",
    ),
    Count(
        name="months",
        label="Last months",
        help="Number of most recent months, including the current one.",
        default="12",
    ),
)
ADVANCED = AdvancedParameters("or choose months", "from {from} until {until}, both included")


def check_range(params: dict[str, Any]) -> Errors:
    """Refuses both ways of giving a range at once, a reversed range, and more than 10 years."""
    first, last = params.get("from"), params.get("until")
    if "months" in params and (first or last):
        return {"months": ["Give either a number of months or from and until, not both."]}
    if first is None:
        return {}
    end = month_number(last) if last else this_month()
    if last and month_number(first) > end:
        return {"from": ["The first month is after the last one."]}
    if end - month_number(first) >= MAX_MONTHS:
        return {"from": [f"At most {MAX_MONTHS} months (10 years) are allowed."]}
    return {}


def this_month() -> int:
    now = datetime.now(UTC)
    return now.year * 12 + now.month - 1
