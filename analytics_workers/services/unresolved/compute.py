"""Tickets opened in the last hours or days and not closed yet, by category and status."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.charts.category_bars import draw_category_bars
from analytics_workers.frames import UNRESOLVED_STATUSES
from analytics_workers.measuring.drilldown import make_drilldowns, opened_between
from analytics_workers.measuring.moments import count_microseconds, whole_microseconds
from analytics_workers.result_table import Table, format_local, ticket_phrase
from common.analysis_messages import Column, Headline
from common.categories import CATEGORIES
from common.drilldown import Drilldowns
from common.parameters import format_period, period_length

COLUMNS = [
    Column("category", "Category", ""),
    Column("status", "Status", ""),
    Column("tickets", "Tickets", "tickets"),
]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for each category and status, zeros included; both ends of the period count."""
    start, period = as_of - period_length(params["period"]), format_period(params["period"])
    opened_at, is_waiting = whole_microseconds(facts["opened_at"]), facts["status"].ne("closed").to_numpy()
    is_old, is_known = opened_at < count_microseconds(start), opened_at <= count_microseconds(as_of)
    recent = facts.loc[is_waiting & ~is_old & is_known, ["category", "status"]]
    rows = count_rows(recent)
    total, older = len(recent), int(np.count_nonzero(is_waiting & is_old))
    label = ticket_phrase(total, f"opened in the last {period} are", f"opened in the last {period} is")
    return Table(
        title=f"Unresolved tickets opened in the last {period}",
        columns=COLUMNS,
        rows=rows,
        headline=Headline(total, f"{label} unresolved", "tickets"),
        filter=f"Opened from {format_local(start, time_zone)} to {format_local(as_of, time_zone)}, both "
        "included; status open or active.",
        drawn_column="tickets",
        notes=[note_older(older)] if older else [],
        empty_message="" if total else f"No tickets opened in the last {period} are unresolved.",
        drilldowns=find_drilldowns(rows, start, as_of),
    )


def count_rows(tickets: pd.DataFrame) -> list[list[Any]]:
    counts = tickets.groupby(["category", "status"], observed=False).size()
    pairs = [(category, status) for category in CATEGORIES for status in UNRESOLVED_STATUSES]
    return [[category, status, int(counts.get((category, status), 0))] for category, status in pairs]


def note_older(count: int) -> str:
    phrase = ticket_phrase(count, "opened before this period are", "opened before this period is")
    return f"{count:,} {phrase} also unresolved."


def find_drilldowns(rows: list[list[Any]], start: datetime, as_of: datetime) -> Drilldowns:
    inside = opened_between(start, as_of)
    filters = [{"tickets": inside | {"category": [row[0]], "status": [row[1]]}} for row in rows]
    whole = inside | {"status": list(UNRESOLVED_STATUSES)}
    return make_drilldowns(COLUMNS, rows, filters, whole=whole, total=sum(row[2] for row in rows))


def chart(table: Table, axes: Axes) -> None:
    """A pair of bars for each category: hollow for open, full for active."""
    draw_category_bars(axes, table, "tickets", split="status")
