"""The card of `resolution-time`, and how its parameters depend on each other."""

from datetime import UTC, datetime
from typing import Any

from analytics_workers.cards import Card, Errors, Fold, Metric
from analytics_workers.parameters import MAX_MONTHS, Count, Month, month_number


def check_range(params: dict[str, Any]) -> Errors:
    """Refuses both ways of giving a range at once, a reversed range, and more than 10 years."""
    first, last = params.get("from"), params.get("until")
    if "months" in params and (first or last):
        return {"months": ["Give either a number of months or from and until, not both."]}
    if first is None:
        return {}
    end = month_number(last) if last else this_month()
    if last and month_number(first) > end:
        return {"from": ["The first month lies after the last one."]}
    if end - month_number(first) >= MAX_MONTHS:
        return {"from": [f"Ask for at most {MAX_MONTHS} months (10 years) at once."]}
    return {}


def this_month() -> int:
    now = datetime.now(UTC)
    return now.year * 12 + now.month - 1


CARD = Card(
    name="resolution-time",
    title="Resolution time by opening month",
    sentence="Time from opening to closing of the tickets opened in the last {months} months",
    fold=Fold("or choose months", "from {from} until {until}"),
    parameters=(
        Month(
            name="from", label="First month", help="First opening month, included. Empty: the first ticket's."
        ),
        Month(
            name="until",
            label="Last month",
            help="Last opening month, included. Empty: the present one, after which none is shown.",
        ),
        Count(
            name="months",
            label="Last months",
            help="The last months up to now, the present one included.",
            default="12",
        ),
    ),
    metric=Metric(
        definition="How long tickets take from opening to closing, by the month in which they were opened.",
        formula="For each opening month: mean, median and 90th percentile of closed_at - opened_at over the "
        "month's closed tickets. The mean is the exact sum of microseconds divided by n, not rounded; "
        "percentiles are interpolated linearly between the two nearest tickets.",
        unit="hours",
        counts="Every ticket counts in the month it was opened in (opened); only closed tickets make the "
        "times (closed is their n). A month without tickets is a row with opened 0 and no times. "
        "The headline is the mean over all closed tickets of the range, not the mean of the months.",
        time_zone="Months are cut in the campus time zone; a time is the difference of two moments, so a "
        "change of the clock neither adds nor takes an hour.",
        does_not_tell="A month that is not over, or still has open or active tickets, is unfinished: its "
        "slow tickets are missing and its times will grow. Nights, weekends and waiting for the reporter are "
        "inside the times. Without a first month, a history of more than 130 months starts 130 months before "
        "its end, and a note says so.",
    ),
    check=check_range,
)
