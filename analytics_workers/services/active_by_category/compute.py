"""Tickets that are active now, by category."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.charts.category_bars import draw_category_bars
from analytics_workers.measuring.drilldown import make_drilldowns
from analytics_workers.result_table import Table, format_local, ticket_phrase
from common.analysis_messages import Column, Headline
from common.categories import CATEGORIES
from common.drilldown import Drilldowns

COLUMNS = [Column("category", "Category", ""), Column("active", "Active tickets", "tickets")]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for each category, zero included."""
    counts = facts.loc[facts["status"].eq("active"), "category"].value_counts()
    rows: list[list[Any]] = [[category, int(counts.get(category, 0))] for category in CATEGORIES]
    total = sum(count for _, count in rows)
    return Table(
        title="Active tickets by category",
        columns=COLUMNS,
        rows=rows,
        headline=Headline(total, ticket_phrase(total, "are active now", "is active now"), "tickets"),
        filter=f"Status active on {format_local(as_of, time_zone)}.",
        drawn_column="active",
        empty_message="" if total else "No tickets are active now.",
        drilldowns=find_drilldowns(rows),
    )


def find_drilldowns(rows: list[list[Any]]) -> Drilldowns:
    active = {"status": ["active"]}
    filters = [{"active": active | {"category": [category]}} for category, _ in rows]
    return make_drilldowns(COLUMNS, rows, filters, whole=active, total=sum(count for _, count in rows))


def chart(table: Table, axes: Axes) -> None:
    """One bar for each category."""
    draw_category_bars(axes, table, "active")
