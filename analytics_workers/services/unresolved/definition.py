"""The definition of `unresolved`."""

from common.catalogue import Metric, ServiceDefinition
from common.parameters import Period

DEFINITION = ServiceDefinition(
    name="unresolved",
    title="Unresolved tickets, opened recently",
    sentence="Unresolved tickets that were opened in the last {period}",
    parameters=(
        Period(
            name="period",
            label="Period",
            help="How far to look back: hours or days, from 1h to 3650d, for example 24h or 7d.",
            is_required=True,
            default="7d",
        ),
    ),
    metric=Metric(
        definition="How many of the tickets opened in the last hours or days are unresolved (open or active) "
        "now, by category and status.",
        formula="Count of tickets with as_of - period <= opened_at <= as_of and status open or active.",
        unit="tickets",
        population="Open and active tickets that were opened within the period, both ends included. "
        "Closed tickets do not count, whenever they were closed.",
        time_zone="Not applicable: the period is a length of time back from the snapshot; h means one hour, "
        "d means 24 hours.",
        limitations="Older unresolved tickets are outside the period. A high number may mean many "
        "new reports or slow work: compare it with the resolution time.",
    ),
)
