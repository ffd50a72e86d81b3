"""Openings by weekday and hour of the campus time zone."""

from calendar import day_name
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.charts.axis_limits import find_axis_limit
from analytics_workers.charts.heat_map import draw_heat_map
from analytics_workers.measuring.drilldown import make_drilldowns, opened_in_months
from analytics_workers.measuring.moments import whole_microseconds
from analytics_workers.measuring.month_buckets import assign_months
from analytics_workers.measuring.monthly import current_month, format_month_span
from analytics_workers.result_table import Table, format_count, ticket_phrase
from common.analysis_messages import Column, Headline
from common.drilldown import Drilldowns
from common.parameters import month_name

MIN_LIMIT = 5  # tickets per hour: below this, too few shades would be left
DAYS, HOURS = tuple(day_name), tuple(f"{hour:02d}:00" for hour in range(24))

COLUMNS = [
    Column("weekday", "Weekday", ""),
    Column("hour", "Hour from", ""),
    Column("tickets", "Tickets opened", "tickets"),
]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for each hour of the week, Monday first, zeros included."""
    months = assign_months(whole_microseconds(facts["opened_at"]), time_zone)
    last = current_month(as_of, time_zone)
    first = last - params["months"] + 1 if "months" in params else int(months.min(initial=last))
    counts = count_hours(facts["opened_at"][(months >= first) & (months <= last)], time_zone)
    rows: list[list[Any]] = [
        [day, hour, int(counts[d, h])] for d, day in enumerate(DAYS) for h, hour in enumerate(HOURS)
    ]
    total = int(counts.sum())
    span = format_month_span([first, last]) if total else "the range"
    return Table(
        title=f"Tickets opened, by weekday and hour{f', {span}' if total else ''}",
        columns=COLUMNS,
        rows=rows,
        headline=Headline(total, ticket_phrase(total, "were opened", "was opened"), "tickets"),
        filter=f"Tickets opened in {span}; weekday and hour in {time_zone.key}.",
        drawn_column="tickets",
        notes=note_busiest(rows) if total else [],
        empty_message="" if total else "No tickets were opened in these months.",
        chart_kind="Heat map",
        mark_name="hours of the week",
        drilldowns=find_drilldowns(rows, month_name(int(first)), month_name(last)) if total else None,
    )


def count_hours(moments: pd.Series, time_zone: ZoneInfo) -> np.ndarray:
    """Counts as 7 weekdays x 24 hours."""
    local = moments.dt.tz_convert(time_zone).dt
    hours = (local.day_of_week * 24 + local.hour).to_numpy(dtype="int64")
    return np.bincount(hours, minlength=7 * 24).reshape(7, 24)


def find_drilldowns(rows: list[list[Any]], first: str, last: str) -> Drilldowns:
    months = opened_in_months(first, last)
    filters = [
        {"tickets": months | {"opened_weekday": [day.lower()], "opened_hour": [str(int(hour[:2]))]}}
        for day, hour, _ in rows
    ]
    return make_drilldowns(COLUMNS, rows, filters, whole=months, total=sum(row[2] for row in rows))


def note_busiest(rows: list[list[Any]]) -> list[str]:
    """The hour with the most openings, and how many others share that number."""
    maximum = max(row[2] for row in rows)
    day, hour, _ = next(row for row in rows if row[2] == maximum)
    others = sum(row[2] == maximum for row in rows) - 1
    tied = f", tied with {format_count(others, 'other')}" if others else ""
    end = f"{(int(hour[:2]) + 1) % 24:02}:00"
    return [f"Busiest hour: {day} {hour} to {end} ({format_count(maximum)}){tied}."]


def chart(table: Table, axes: Axes) -> None:
    """A row for each weekday, a cell for each hour: darker means more openings. An extreme hour (a history
    imported at once) has the darkest shade and does not make the others pale."""
    limit = find_axis_limit(table.values("tickets")) or 0
    draw_heat_map(
        axes, table.values("tickets"), across=HOURS, down=DAYS, top=limit if limit >= MIN_LIMIT else 0
    )
    axes.set_xticks([hour + 0.5 for hour in range(0, 24, 3)], HOURS[::3])
