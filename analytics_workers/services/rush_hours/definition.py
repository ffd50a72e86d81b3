"""The definition of `rush-hours`."""

from common.catalogue import Metric, ServiceDefinition
from common.parameters import Count

DEFINITION = ServiceDefinition(
    name="rush-hours",
    title="Peak hours",
    sentence="When the tickets of the last {months} months were opened, by weekday and hour",
    parameters=(
        Count(
            name="months",
            label="Last months",
            help="Number of most recent months, including the current one. Empty: all tickets.",
            default="12",
        ),
    ),
    metric=Metric(
        definition="How many tickets were opened in each hour of each weekday.",
        formula="Count of tickets by weekday and hour of opened_at in the campus time zone, over the tickets "
        "whose month opened is within the range and not after that of as_of.",
        unit="tickets",
        population="Every ticket that was opened in the range, whatever its status is now. 09:00 means from "
        "09:00:00 until just before 10:00:00. Each of the 7 x 24 hours is a row, zero included.",
        time_zone="Weekdays, hours and months follow the campus time zone. The hour repeated when clocks go "
        "back is counted in full; the skipped hour is empty.",
        limitations="Totals, not averages: a range may contain some weekdays more often than others, "
        "includes holidays, and may end with the current, incomplete month. When something broke "
        "and when it was reported may be far apart.",
    ),
)
