"""The definition of `by-place`."""

from common.catalogue import Metric, ServiceDefinition

DEFINITION = ServiceDefinition(
    name="by-place",
    title="Unresolved tickets by building",
    sentence="Where unresolved tickets are, by building and category",
    parameters=(),
    metric=Metric(
        definition="How many tickets are unresolved (open or active) now, by building and category: the 20 "
        "buildings with the most, then all others combined, then tickets without a building.",
        formula="Count of tickets with status open or active at as_of, by building and category. "
        "Sorted by count, then by name.",
        unit="tickets",
        population="Open and active tickets, however old; closed tickets do not count. Each building shown "
        "has a row for each category, zero included. “Other” combines the buildings after the 20th; “no "
        "building” has the tickets without one.",
        time_zone="Not applicable: the result is the state at the time of the snapshot.",
        limitations="How large a building is or how many people are in it. Names that the "
        "helpdesk has not merged count as different buildings, apart from case, accents and spaces. For some "
        "minutes after a building was renamed, both names may count. Rooms are not distinguished.",
    ),
    depends_on_time=False,
)
