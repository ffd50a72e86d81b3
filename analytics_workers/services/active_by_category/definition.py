"""The definition of `active-by-category`."""

from common.catalogue import Metric, ServiceDefinition

DEFINITION = ServiceDefinition(
    name="active-by-category",
    title="Active tickets by category",
    sentence="Tickets that the helpdesk is working on now, by category",
    parameters=(),
    metric=Metric(
        definition="How many tickets are active now, in each of the three categories.",
        formula="Count of tickets with status active at as_of, by category.",
        unit="tickets",
        population="Tickets with status active, however old. Open tickets wait and do not count; "
        "closed tickets do not count. A category without active tickets is a row with zero.",
        time_zone="Not applicable: the result is the state at the time of the snapshot.",
        limitations="How much work a ticket is, who does it, or how long it has been active. "
        "A corrected category counts as it is now.",
    ),
    depends_on_time=False,
)
