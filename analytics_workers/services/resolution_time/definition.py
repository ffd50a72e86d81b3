"""The definition of `resolution-time`."""

from common.catalogue import Metric, ServiceDefinition
from common.month_range import ADVANCED, PARAMETERS, check_range

DEFINITION = ServiceDefinition(
    name="resolution-time",
    title="Resolution time, by month opened",
    sentence="Time from opening to closing of the tickets opened in the last {months} months",
    advanced=ADVANCED,
    parameters=PARAMETERS,
    metric=Metric(
        definition="How long tickets take from opening to closing, by the month in which they were opened.",
        formula="For each month opened: mean, median and 90th percentile of closed_at - opened_at over the "
        "month's closed tickets. The mean is the exact sum of microseconds divided by n, not rounded; "
        "percentiles are interpolated linearly between the two nearest tickets. In incomplete months "
        "km_median_hours is the Kaplan-Meier estimate of the median: the first time t at which the product, "
        "over the closing times up to t, of 1 - (tickets closed after just that time) / (tickets still "
        "there at that time) is one half or less. A ticket that is not closed is there for "
        "as_of - opened_at. Empty where the curve never falls to one half, and in complete months, whose "
        "median needs no estimate.",
        unit="hours",
        population="Every ticket counts in the month it was opened in (opened); only closed tickets make the "
        "times (closed is their n). A month without tickets is a row with opened 0 and no times. "
        "The headline is the mean over all closed tickets of the range, not the mean of the months.",
        time_zone="Months follow the campus time zone. Each time is a difference of two timestamps, so clock "
        "changes do not affect it.",
        limitations="A month that is not over, or still has open or active tickets, is incomplete: its "
        "slow tickets are missing and its times will grow. Only the median incl. still open counts them; it "
        "assumes that new tickets are closed as fast as older ones were. Nights, weekends and "
        "waiting for the reporter are included. Without a first month, a history of more than 130 "
        "months starts 130 months before its end, and a note says so.",
    ),
    check=check_range,
)
