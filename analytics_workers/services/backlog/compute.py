"""Open and active tickets at the end of each day, derived from the tickets' timestamps."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.charts.days import draw_days
from analytics_workers.measuring.drilldown import make_drilldowns
from analytics_workers.measuring.moments import (
    MICROSECOND,
    count_microseconds,
    start_of_day,
    whole_microseconds,
)
from analytics_workers.result_table import Table, ticket_phrase
from common.analysis_messages import Column, Headline
from common.drilldown import Drilldowns
from common.formatting import format_number, format_utc

COLUMNS = [
    Column("day", "Day", ""),
    Column("open", "Open", "tickets"),
    Column("active", "Active", "tickets"),
    Column("tickets", "Total", "tickets"),
    Column("is_over", "Complete", ""),
]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for each day, oldest first; the last one is today, as it is at as_of."""
    ends = list_ends(params["days"], as_of, time_zone)
    rows = list_rows(facts, ends, as_of)
    total = rows[-1][3]
    span = " to ".join(dict.fromkeys([rows[0][0], rows[-1][0]]))
    return Table(
        title=f"Unresolved tickets at the end of each day, {span}",
        columns=COLUMNS,
        rows=rows,
        headline=Headline(total, ticket_phrase(total, "are unresolved now", "is unresolved now"), "tickets"),
        filter=f"State at the end of each day {span} in {time_zone.key}; the last day at as_of.",
        drawn_column="tickets",
        notes=note_change(rows),
        empty_message=""
        if any(row[3] for row in rows)
        else "No tickets were unresolved at the end of these days.",
        chart_kind="Area chart",
        mark_name="days",
        drilldowns=find_drilldowns(rows, list(ends.values())),
    )


def list_ends(days: int, as_of: datetime, time_zone: ZoneInfo) -> dict[date, datetime]:
    """The end of each of the last days, in UTC and exclusive; today ends just after as_of."""
    today = as_of.astimezone(time_zone).date()
    starts = [start_of_day(today - timedelta(days=back), time_zone) for back in range(days - 1, -1, -1)]
    ends = [*starts[1:], as_of + MICROSECOND]
    names = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    # A zone that crosses the date line skips a day: it would begin when it ends.
    return {day: end for day, start, end in zip(names, starts, ends, strict=True) if start < end}


def list_rows(facts: pd.DataFrame, ends: dict[date, datetime], as_of: datetime) -> list[list[Any]]:
    moments = np.array([count_microseconds(end) for end in ends.values()])
    opened, activated, closed = (
        count_before(facts[name], moments) for name in ("opened_at", "activated_at", "closed_at")
    )
    counts = zip((opened - activated).tolist(), (activated - closed).tolist(), strict=True)
    return [
        [f"{day}", waiting, active, waiting + active, end <= as_of]
        for (day, end), (waiting, active) in zip(ends.items(), counts, strict=True)
    ]


def count_before(moments: pd.Series, ends: np.ndarray) -> np.ndarray:
    """How many timestamps are before each end."""
    known = np.sort(whole_microseconds(moments.dropna()))
    return np.searchsorted(known, ends, side="left")


def find_drilldowns(rows: list[list[Any]], ends: list[datetime]) -> Drilldowns:
    filters = [
        {
            "open": {"was_open_at": [moment]},
            "active": {"was_active_at": [moment]},
            "tickets": {"was_unclosed_at": [moment]},
        }
        for moment in map(format_utc, ends)
    ]
    return make_drilldowns(COLUMNS, rows, filters, whole=filters[-1]["tickets"], total=rows[-1][3])


def note_change(rows: list[list[Any]]) -> list[str]:
    """The change from the first day's end to now."""
    before, now, day = rows[0][3], rows[-1][3], rows[0][0]
    today = "Today is not over; its row shows the current state."
    if len(rows) == 1:
        return [today]
    if now == before:
        return [f"As many as at the end of {day}.", today]
    change = f"{format_number(abs(now - before))} {'more' if now > before else 'fewer'}"
    return [f"{change} than at the end of {day}.", today]


def chart(table: Table, axes: Axes) -> None:
    """A step for each day: the dark area is active, the pale one on top of it open."""
    draw_days(axes, table)
