"""The definition of `backlog`."""

from common.catalogue import Metric, ServiceDefinition
from common.parameters import Count

DEFINITION = ServiceDefinition(
    name="backlog",
    title="Unresolved tickets per day",
    sentence="Unresolved tickets at the end of each of the last {days} days",
    parameters=(
        Count(
            name="days",
            label="Last days",
            help="How many calendar days up to now, today included: 1 to 1100.",
            is_required=True,
            default="30",
            maximum=1100,
        ),
    ),
    metric=Metric(
        definition="How many tickets were unresolved at the end of each day: how many open, how many active. "
        "Today's row is the state at as_of.",
        formula="At a day's end t (the next midnight): open is the count of tickets with opened_at < t and "
        "not activated_at < t; active is the count with activated_at < t and not closed_at < t. For today "
        "the moment as_of itself is included.",
        unit="tickets",
        population="Every ticket, whatever its status is now: its moments tell what it was on each day. What "
        "happened at midnight to the microsecond belongs to the day that begins.",
        time_zone="Days are cut in the campus time zone and end at its midnight, so that one of them may "
        "have 23 or 25 hours. A day that the zone left out of its calendar has no row.",
        limitations="What the moments have forgotten: a ticket that was repaired counts as if it had "
        "always been what it is now. A high number may come from many reports or from slow work: compare it "
        "with the resolution time.",
    ),
)
