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
        "events at as_of itself are included.",
        unit="tickets",
        population="All tickets: their timestamps show their status on each day. An event at exactly "
        "midnight belongs to the new day.",
        time_zone="Days follow the campus time zone and end at its midnight, so a day may have 23 or 25 "
        "hours. A day that the zone left out of its calendar has no row.",
        limitations="Corrected data: a corrected ticket counts as if it had always had its current values. "
        "A high number may come from many reports or from slow work: compare it "
        "with the resolution time.",
    ),
)
