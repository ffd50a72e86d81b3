"""The definition of `solved`."""

from common.catalogue import Metric, ServiceDefinition
from common.month_range import ADVANCED, PARAMETERS, check_range

DEFINITION = ServiceDefinition(
    name="solved",
    title="Problems solved, by month opened",
    sentence="Whether reporters call their problem solved, of the tickets opened in the last {months} months",
    advanced=ADVANCED,
    parameters=PARAMETERS,
    metric=Metric(
        definition="How many reporters say that their problem is solved, among those who answered that "
        "question through their ticket's secret link, by the month in which their tickets were opened.",
        formula="For each month opened: 100 x solved / answers over the month's closed tickets, where "
        "answers = solved + not_solved. Divided once and not rounded.",
        unit="%",
        population="Every closed ticket counts in the month it was opened in (closed); those whose reporter "
        "answered make the share (answers is their n). A ticket has one answer, the last one given. A month "
        "without answers is a row without a share. The headline is the share over all answers of the range, "
        "not the mean of the months.",
        time_zone="Months follow the campus time zone.",
        limitations="Only some reporters answer, and perhaps not those who are typical: compare answers with "
        "closed. Answers about tickets that are not closed are excluded; a note gives their number. An "
        "answer may have been given before the ticket was closed, and can still be changed later. Without a "
        "first month, a history of more than 130 months starts 130 months before its end, and a note says "
        "so.",
    ),
    check=check_range,
)
