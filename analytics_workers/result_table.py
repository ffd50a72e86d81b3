"""The result of a measure: numbers and texts, before they have a picture or a lineage."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from common.analysis_messages import Column, Headline
from common.drilldown import Drilldowns
from common.formatting import format_number


@dataclass(frozen=True)
class Table:
    """`drawn_column` names the column that the chart draws; `empty_message` explains why there is no chart.

    `chart_kind` and `mark_name` are for the alternative text: the kind of chart, and what it consists of.
    """

    title: str
    columns: list[Column]
    rows: list[list[Any]]
    headline: Headline | None
    filter: str
    drawn_column: str
    notes: list[str] = field(default_factory=list)
    empty_message: str = ""
    chart_kind: str = "Bar chart"
    mark_name: str = "bars"
    drilldowns: Drilldowns | None = None

    def values(self, name: str) -> list[Any]:
        """One column's cells, from the first row to the last."""
        index = [column.name for column in self.columns].index(name)
        return [row[index] for row in self.rows]


def format_headline(headline: Headline) -> str:
    return f"{format_number(headline.value)} {headline.label}"


def format_count(count: int, thing: str = "ticket") -> str:
    """As "1 ticket", "1,234 tickets"."""
    return f"{format_number(count)} {thing}{'' if count == 1 else 's'}"


def ticket_phrase(count: int, rest: str, rest_of_one: str) -> str:
    """The text after a number of tickets: "tickets are active", "ticket is active"."""
    return f"ticket {rest_of_one}" if count == 1 else f"tickets {rest}"


def format_local(moment: datetime, time_zone: ZoneInfo) -> str:
    """A time in the campus time zone: "1 April 2026, 12:00:00 CEST"."""
    return f"{moment.astimezone(time_zone):%-d %B %Y, %H:%M:%S %Z}"
