"""Time from opening to the helpdesk's first message, by opening month of the campus time zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.charts.months import draw_months
from analytics_workers.measuring.drilldown import make_monthly_drilldowns
from analytics_workers.measuring.moments import whole_microseconds
from analytics_workers.measuring.month_buckets import assign_months, count_keys, group_values, join_groups
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
from analytics_workers.result_table import Table, ticket_phrase
from common.analysis_messages import Column
from common.parameters import month_name

COLUMNS = [
    Column("month", "Month opened", ""),
    Column("answered", "Answered", "tickets"),
    Column("opened", "Opened", "tickets"),
    *TIME_COLUMNS,
    Column("is_finished", "Complete", ""),
]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for every month from the first to the last, months without tickets included."""
    opened = assign_months(whole_microseconds(facts["opened_at"]), time_zone)
    now = current_month(as_of, time_zone)
    first, last = choose_range(params, opened, now)
    months = range(first, last + 1)
    is_inside = (opened >= first) & (opened <= last)
    facts = facts.loc[is_inside, ["opened_at", "first_answered_at", "closed_at"]]
    groups = group_times(facts, opened[is_inside], months)
    rows = list_rows(facts, opened[is_inside], groups, months, now)
    times = join_groups(groups)
    span = format_month_span([first, last]) if rows else "no month"
    unfinished = note_unfinished({row[0]: row[6] for row in rows})
    return Table(
        title=f"First response time, by month opened{f', {span}' if rows else ''}",
        columns=COLUMNS,
        rows=rows,
        headline=mean_headline(times, "to the helpdesk's first message", "answered"),
        filter=f"Tickets opened in {span}, by months of {time_zone.key}; times of answered tickets only.",
        drawn_column="mean_hours",
        notes=[
            *unfinished,
            *note_unanswered(facts),
            *note_future(params, now),
            *note_left_out(params, opened, first),
        ],
        drilldowns=make_monthly_drilldowns(COLUMNS, rows, {"is_answered": ["true"]}),
        empty_message=explain_empty(len(facts), len(times), "answered"),
    )


def group_times(facts: pd.DataFrame, opened: np.ndarray, months: range) -> list[np.ndarray]:
    """For each month the answered tickets' integer microseconds, sorted."""
    is_answered = facts["first_answered_at"].notna().to_numpy()
    times = whole_microseconds(facts["first_answered_at"]) - whole_microseconds(facts["opened_at"])
    return group_values(times[is_answered], opened[is_answered], months)


def list_rows(
    facts: pd.DataFrame, opened: np.ndarray, groups: list[np.ndarray], months: range, now: int
) -> list[list[Any]]:
    """One row per month; a month is complete once it has ended and none of its tickets can still be
    answered."""
    is_waiting = (facts["first_answered_at"].isna() & facts["closed_at"].isna()).to_numpy()
    counts, waiting = count_keys(opened, months), count_keys(opened[is_waiting], months)
    return [
        [month_name(month), len(times), count, *summarize_times(times), month < now and not still]
        for month, times, count, still in zip(months, groups, counts, waiting, strict=True)
    ]


def note_unanswered(facts: pd.DataFrame) -> list[str]:
    count = int((facts["first_answered_at"].isna() & facts["closed_at"].notna()).sum())
    if not count:
        return []
    return [f"{count:,} {ticket_phrase(count, 'were', 'was')} closed without a message of the helpdesk."]


def chart(table: Table, axes: Axes) -> None:
    """A bar for each month's mean with its n, a mark for the median, incomplete months hatched."""
    draw_months(axes, table, "answered")
