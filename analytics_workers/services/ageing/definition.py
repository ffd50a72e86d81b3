"""The definition of `ageing`."""

from common.catalogue import Metric, ServiceDefinition

DEFINITION = ServiceDefinition(
    name="ageing",
    title="Unresolved tickets by age",
    sentence="How long unresolved tickets have been waiting, by category",
    parameters=(),
    metric=Metric(
        definition="How many tickets are unresolved (open or active) now, by age and category. The bands are "
        "under 1 day, 1 to 3 days, 3 to 7 days, 7 to 30 days, 30 to 90 days, over 90 days.",
        formula="Count of tickets with status open or active at as_of, by category and by the band of "
        "as_of - opened_at. Bands include their lower bound and exclude their upper one: exactly 3 days "
        "counts as 3 to 7 days, exactly 90 days as over 90 days.",
        unit="tickets",
        population="Open and active tickets, however old; closed tickets do not count. Every combination of "
        "band and category is listed, including zeros.",
        time_zone="Not applicable: an age is a length of time up to the snapshot, and a day is 24 hours.",
        limitations="Whether the ticket is waiting for the helpdesk or for its reporter. The age counts from "
        "the opening, not from the last message. Nights and weekends are included.",
    ),
)
