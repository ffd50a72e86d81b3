"""Time from opening to closing, by opening month of the campus time zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.charts.months import draw_months
from analytics_workers.measuring.drilldown import make_monthly_drilldowns
from analytics_workers.measuring.moments import MICROSECONDS_AN_HOUR, count_microseconds, whole_microseconds
from analytics_workers.measuring.month_buckets import assign_months, group_values, join_groups
from analytics_workers.measuring.monthly import (
    TIME_COLUMNS,
    choose_range,
    current_month,
    explain_empty,
    format_month_span,
    mean_headline,
    note_future,
    note_left_out,
    note_unfinished,
    summarize_times,
)
from analytics_workers.measuring.survival import median_time
from analytics_workers.result_table import Table
from common.analysis_messages import Column
from common.parameters import month_name

COLUMNS = [
    Column("month", "Month opened", ""),
    Column("closed", "Closed", "tickets"),
    Column("opened", "Opened", "tickets"),
    *TIME_COLUMNS,
    Column("is_finished", "All closed", ""),
    Column("km_median_hours", "Median incl. still open (estimate)", "hours"),
]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for every month from the first to the last, months without tickets included."""
    opened = assign_months(whole_microseconds(facts["opened_at"]), time_zone)
    now = current_month(as_of, time_zone)
    first, last = choose_range(params, opened, now)
    months = range(first, last + 1)
    times, ages = group_times(facts, opened, months, as_of)
    rows = [
        measure_month(month, finished, waiting, month < now)
        for month, finished, waiting in zip(months, times, ages, strict=True)
    ]
    closed = join_groups(times)
    span = format_month_span([first, last]) if rows else "no month"
    return Table(
        title=f"Resolution time, by month opened{f', {span}' if rows else ''}",
        columns=COLUMNS,
        rows=rows,
        headline=mean_headline(closed, "from opening to closing", "closed"),
        filter=f"Tickets opened in {span}, by months of {time_zone.key}; times of closed tickets only.",
        drawn_column="mean_hours",
        notes=[
            *note_unfinished({row[0]: row[6] for row in rows}),
            *note_future(params, now),
            *note_left_out(params, opened, first),
        ],
        drilldowns=make_monthly_drilldowns(COLUMNS, rows, {"status": ["closed"]}),
        empty_message=explain_empty(sum(row[2] for row in rows), len(closed), "closed"),
    )


def group_times(
    facts: pd.DataFrame, opened: np.ndarray, months: range, as_of: datetime
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """For each month the closed tickets' integer microseconds, and those of the others up to as_of.

    Both sorted. One grouping makes both: each month has two keys, the even one for closed tickets.
    """
    is_waiting = facts["closed_at"].isna().to_numpy()
    ends = np.where(is_waiting, count_microseconds(as_of), whole_microseconds(facts["closed_at"]))
    times = np.maximum(ends - whole_microseconds(facts["opened_at"]), 0)
    groups = group_values(times, opened * 2 + is_waiting, range(months.start * 2, months.stop * 2))
    return groups[::2], groups[1::2]


def measure_month(month: int, times: np.ndarray, ages: np.ndarray, is_over: bool) -> list[Any]:
    """One row: `times` are the closed tickets' microseconds, `ages` those of the others up to now."""
    closed, opened = len(times), len(times) + len(ages)
    is_finished = is_over and closed == opened
    median = None if is_finished else median_time(times, ages)
    hours = None if median is None else median / MICROSECONDS_AN_HOUR
    return [month_name(month), closed, opened, *summarize_times(times), is_finished, hours]


def chart(table: Table, axes: Axes) -> None:
    """A bar for each month's mean with its n, a mark for the median, incomplete months hatched."""
    draw_months(axes, table, "closed")
