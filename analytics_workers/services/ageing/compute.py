"""Open and active tickets by age band and category."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.charts.grouped_bars import draw_grouped_bars
from analytics_workers.frames import UNRESOLVED_STATUSES
from analytics_workers.measuring.drilldown import make_drilldowns, opened_between
from analytics_workers.measuring.moments import (
    MICROSECOND,
    MICROSECONDS_A_DAY,
    count_microseconds,
    whole_microseconds,
)
from analytics_workers.result_table import Table, format_local, ticket_phrase
from common.analysis_messages import Column, Headline
from common.categories import CATEGORIES
from common.drilldown import Drilldowns, Filters

BANDS = ("under 1 day", "1 to 3 days", "3 to 7 days", "7 to 30 days", "30 to 90 days", "over 90 days")
LOWER_ENDS = np.array([1, 3, 7, 30, 90]) * MICROSECONDS_A_DAY

COLUMNS = [
    Column("age", "Age", ""),
    Column("category", "Category", ""),
    Column("open", "Open", "tickets"),
    Column("active", "Active", "tickets"),
    Column("tickets", "Total", "tickets"),
]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for each band and category, zeros included."""
    waiting = facts[facts["status"].isin(UNRESOLVED_STATUSES)]
    counts = waiting.groupby([assign_bands(waiting["opened_at"], as_of), "category", "status"], observed=True)
    rows = list_rows(counts.size().to_dict())
    total = len(waiting)
    return Table(
        title="Unresolved tickets by age",
        columns=COLUMNS,
        rows=rows,
        headline=Headline(total, ticket_phrase(total, "are unresolved", "is unresolved"), "tickets"),
        filter=f"Status open or active on {format_local(as_of, time_zone)}.",
        drawn_column="tickets",
        notes=note_oldest(sum(row[-1] for row in rows if row[0] == BANDS[-1]), total),
        empty_message="" if total else "No tickets are unresolved.",
        drilldowns=find_drilldowns(rows, as_of),
    )


def assign_bands(opened_at: pd.Series, as_of: datetime) -> np.ndarray:
    """The index of each ticket's band in BANDS."""
    ages = count_microseconds(as_of) - whole_microseconds(opened_at)
    return np.searchsorted(LOWER_ENDS, ages, side="right")


def list_rows(counts: Mapping[Any, int]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for index, band in enumerate(BANDS):
        for category in CATEGORIES:
            parts = [int(counts.get((index, category, status), 0)) for status in UNRESOLVED_STATUSES]
            rows.append([band, category, *parts, sum(parts)])
    return rows


def find_drilldowns(rows: list[list[Any]], as_of: datetime) -> Drilldowns:
    waiting = list(UNRESOLVED_STATUSES)
    filters = []
    for band, category, *_ in rows:
        aged = opened_in_band(BANDS.index(band), as_of) | {"category": [category]}
        filters.append(
            {name: aged | {"status": [name]} for name in waiting} | {"tickets": aged | {"status": waiting}}
        )
    return make_drilldowns(
        COLUMNS, rows, filters, whole={"status": waiting}, total=sum(row[-1] for row in rows)
    )


def opened_in_band(index: int, as_of: datetime) -> Filters:
    """The upper end of a band is exclusive, the lower one inclusive. A ticket opened after as_of is in the
    youngest band."""
    ends = [timedelta(microseconds=int(end)) for end in LOWER_ENDS]
    first = as_of - ends[index] + MICROSECOND if index < len(ends) else None
    return opened_between(first, as_of - ends[index - 1] if index else None)


def note_oldest(count: int, total: int) -> list[str]:
    if not total:
        return []
    return [f"{count:,} of them {'is' if count == 1 else 'are'} over 90 days old. A day is 24 hours."]


def chart(table: Table, axes: Axes) -> None:
    """A group of three bars, one per category, for each band."""
    draw_grouped_bars(axes, table, "age", "tickets")
