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
        "of the helpdesk make the times (answered is their n). Internal notes are no answer, nor are moves. "
        "A month without tickets is a row with opened 0 and no times. The headline is the mean over all "
        "answered tickets of the range, not the mean of the months.",
        time_zone="Months are cut in the campus time zone; a time is the difference of two moments, so a "
        "change of the clock neither adds nor takes an hour.",
        limitations="Whether the answer helped. A month that is not over, or still has tickets that are "
        "neither answered nor closed, is incomplete: its times will grow. Tickets closed without a message "
        "are in no time; a note says how many. Nights and weekends are inside the times. Without a first "
        "month, a history of more than 130 months starts 130 months before its end, and a note says so.",
    ),
    check=check_range,
)
