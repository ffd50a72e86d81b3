"""The definition of `by-place`."""

from common.catalogue import Metric, ServiceDefinition

DEFINITION = ServiceDefinition(
    name="by-place",
    title="Unresolved tickets by building",
    sentence="Where unresolved tickets are, by building and category",
    parameters=(),
    metric=Metric(
        definition="How many tickets are unresolved (open or active) now, by building and category: the 20 "
        "buildings with the most, then the others in total, then those without a building.",
        formula="Count of tickets with status open or active at as_of, by building and category. The "
        "largest building comes first; equal ones stand in the order of their names.",
        unit="tickets",
        population="Open and active tickets, however old; closed tickets do not count. Each building shown "
        "has a row for each category, zero included. Other takes the buildings after the 20th, no building "
        "the tickets that name none.",
        time_zone="None is needed: it is the state at one moment, the moment of the snapshot.",
        limitations="How large a building is or how many people are in it. A building is what the reporter "
        "wrote: another name is another building, capitals and spaces make none. Rooms are not told apart.",
    ),
    depends_on_time=False,
)
