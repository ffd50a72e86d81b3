"""Time from opening to closing, by opening month of the campus time zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.contract import Column, Headline
from analytics_workers.door_filters import make_monthly_doors
from analytics_workers.monthly import (
    MICROSECONDS_AN_HOUR,
    TIME_COLUMNS,
    choose_range,
    cut_months,
    mean_hours,
    note_future,
    note_left_out,
    note_unfinished,
    present_month,
    say_span,
    summarize_times,
    whole_microseconds,
)
from analytics_workers.months import draw_months
from analytics_workers.parameters import month_name
from analytics_workers.survival import median_time
from analytics_workers.tables import Table, say_tickets

COLUMNS = [
    Column("month", "Opening month"),
    Column("closed", "Closed", "tickets"),
    Column("opened", "Opened", "tickets"),
    *TIME_COLUMNS,
    Column("is_finished", "Finished"),
    Column("km_median_hours", "Kaplan-Meier median", "hours"),
]
NO_TIMES = pd.Series(dtype="int64")


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for every month from the first to the last, months without tickets included."""
    opened = cut_months(facts["opened_at"], time_zone)
    times = whole_microseconds(facts["closed_at"], facts["opened_at"])
    now = present_month(as_of, time_zone)
    first, last = choose_range(params, opened, now)
    ages = measure_ages(facts, as_of)
    groups, waiting = dict(list(times.groupby(opened))), dict(list(ages.groupby(opened)))
    rows = [
        measure_month(month, groups.get(month, NO_TIMES), waiting.get(month, NO_TIMES), month < now)
        for month in range(first, last + 1)
    ]
    closed = times[opened.between(first, last)]
    span = say_span([first, last]) if rows else "no month"
    return Table(
        title=f"Resolution time by opening month{f', {span}' if rows else ''}",
        columns=COLUMNS,
        rows=rows,
        headline=make_headline(closed),
        filter=f"Opening month {span}, cut in {time_zone.key}; times of closed tickets only.",
        shown="mean_hours",
        notes=[
            *note_unfinished({row[0]: row[6] for row in rows}),
            *note_future(params, now),
            *note_left_out(params, opened, first),
        ],
        doors=make_monthly_doors(COLUMNS, rows, {"status": ["closed"]}),
        nothing=say_nothing(rows, len(closed)),
    )


def measure_ages(facts: pd.DataFrame, as_of: datetime) -> pd.Series:
    """Whole microseconds from the opening to as_of of the tickets that are not closed, none below zero."""
    opened = facts.loc[facts["closed_at"].isna(), "opened_at"]
    return (pd.Timestamp(as_of) - opened).astype("timedelta64[us]").astype("int64").clip(lower=0)


def measure_month(month: int, times: pd.Series, ages: pd.Series, is_over: bool) -> list[Any]:
    """One row: `times` are the closed tickets' microseconds, `ages` those of the others up to now."""
    closed, opened = len(times), len(times) + len(ages)
    is_finished = is_over and closed == opened
    median = None if is_finished else median_time(times.to_numpy(), ages.to_numpy())
    hours = None if median is None else median / MICROSECONDS_AN_HOUR
    return [month_name(month), closed, opened, *summarize_times(times), is_finished, hours]


def make_headline(times: pd.Series) -> Headline | None:
    if times.empty:
        return None
    closed = f"{len(times):,} closed {say_tickets(len(times), '', '').strip()}"
    return Headline(mean_hours(times), f"hours from opening to closing on average, over {closed}", "hours")


def say_nothing(rows: list[list[Any]], closed: int) -> str:
    if closed:
        return ""
    opened = sum(row[2] for row in rows)
    return f"No tickets {'of these months are closed yet' if opened else 'were opened in these months'}."


def chart(table: Table, axes: Axes) -> None:
    """A bar for each month's mean with its n, a mark for the median, unfinished months hatched."""
    draw_months(axes, table, "closed")
