"""Time from opening to the helpdesk's first message, by opening month of the campus time zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.contract import Column, Headline
from analytics_workers.door_filters import make_monthly_doors
from analytics_workers.monthly import (
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
from analytics_workers.tables import Table, say_tickets

COLUMNS = [
    Column("month", "Opening month"),
    Column("answered", "Answered", "tickets"),
    Column("opened", "Opened", "tickets"),
    *TIME_COLUMNS,
    Column("is_finished", "Finished"),
]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for every month from the first to the last, months without tickets included."""
    opened, now = cut_months(facts["opened_at"], time_zone), present_month(as_of, time_zone)
    first, last = choose_range(params, opened, now)
    is_inside = opened.between(first, last)
    facts, months = facts[is_inside], opened[is_inside]
    times = whole_microseconds(facts["first_answered_at"], facts["opened_at"])
    rows = list_rows(facts, months, times, range(first, last + 1), now)
    span = say_span([first, last]) if rows else "no month"
    unfinished = note_unfinished({row[0]: row[6] for row in rows})
    return Table(
        title=f"First answer by opening month{f', {span}' if rows else ''}",
        columns=COLUMNS,
        rows=rows,
        headline=make_headline(times),
        filter=f"Opening month {span}, cut in {time_zone.key}; times of answered tickets only.",
        shown="mean_hours",
        notes=[
            *unfinished,
            *note_silent(facts),
            *note_future(params, now),
            *note_left_out(params, opened, first),
        ],
        doors=make_monthly_doors(COLUMNS, rows, {"is_answered": ["true"]}),
        nothing=say_nothing(len(facts), len(times)),
    )


def list_rows(
    facts: pd.DataFrame, months: pd.Series, times: pd.Series, span: range, now: int
) -> list[list[Any]]:
    """One row a month; a month is finished once it is over and none of its tickets can still be answered."""
    opened, groups = months.value_counts(), dict(list(times.groupby(months)))
    waiting = months[facts["first_answered_at"].isna() & facts["closed_at"].isna()].value_counts()
    rows: list[list[Any]] = []
    for month in span:
        answered = groups.get(month, [])
        is_finished = month < now and month not in waiting.index
        counts = [len(answered), int(opened.get(month, 0))]
        rows.append([month_name(month), *counts, *summarize_times(answered), is_finished])
    return rows


def make_headline(times: pd.Series) -> Headline | None:
    if times.empty:
        return None
    answered = f"{len(times):,} answered {say_tickets(len(times), '', '').strip()}"
    words = f"hours to the helpdesk's first message on average, over {answered}"
    return Headline(mean_hours(times), words, "hours")


def note_silent(facts: pd.DataFrame) -> list[str]:
    count = int((facts["first_answered_at"].isna() & facts["closed_at"].notna()).sum())
    if not count:
        return []
    return [f"{count:,} {say_tickets(count, 'were', 'was')} closed without a message of the helpdesk."]


def say_nothing(opened: int, answered: int) -> str:
    if answered:
        return ""
    return f"No tickets {'of these months are answered yet' if opened else 'were opened in these months'}."


def chart(table: Table, axes: Axes) -> None:
    """A bar for each month's mean with its n, a mark for the median, unfinished months hatched."""
    draw_months(axes, table, "answered")
