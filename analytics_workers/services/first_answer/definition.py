"""The definition of `first-answer`."""

from common.catalogue import Metric, ServiceDefinition
from common.month_range import ADVANCED, PARAMETERS, check_range

DEFINITION = ServiceDefinition(
    name="first-answer",
    title="First response time, by month opened",
    sentence="Time to the helpdesk's first message to the tickets opened in the last {months} months",
    advanced=ADVANCED,
    parameters=PARAMETERS,
    metric=Metric(
        definition="How long reporters wait for the helpdesk's first message, by the month in which their "
        "tickets were opened.",
        formula="For each month opened: mean, median and 90th percentile of first_answered_at - opened_at "
        "over the month's answered tickets. The mean is the exact sum of microseconds divided by n, not "
        "rounded; percentiles are interpolated linearly between the two nearest tickets.",
        unit="hours",
        population="Every ticket counts in the month it was opened in (opened); only tickets with a message "
        "of the helpdesk make the times (answered is their n). Internal notes and status changes do not "
        "count as an answer. A month without tickets is a row with opened 0 and no times. The headline is "
        "the mean over all answered tickets of the range, not the mean of the months.",
        time_zone="Months follow the campus time zone. Each time is a difference of two timestamps, so clock "
        "changes do not affect it.",
        limitations="Whether the answer helped. A month that is not over, or still has tickets that are "
        "neither answered nor closed, is incomplete: its times will grow. Tickets closed without a message "
        "are excluded; a note gives their number. Nights and weekends are included. Without a first month, a "
        "history of more than 130 months starts 130 months before its end, and a note says so.",
    ),
    check=check_range,
)
