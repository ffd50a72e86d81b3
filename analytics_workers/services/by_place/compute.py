"""Open and active tickets by building and category."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.charts.heat_map import draw_heat_map
from analytics_workers.charts.labels import shorten_names
from analytics_workers.frames import UNRESOLVED_STATUSES
from analytics_workers.measuring.drilldown import make_drilldowns, outside_buildings
from analytics_workers.result_table import Table, format_count, format_local, ticket_phrase
from common.analysis_messages import Column, Headline
from common.categories import CATEGORIES
from common.drilldown import Drilldowns, Filters

MAX_BUILDINGS = 20
OTHER, NO_BUILDING = "other", "no building"
MAX_LETTERS = 24

COLUMNS = [
    Column("building", "Building", ""),
    Column("category", "Category", ""),
    Column("tickets", "Tickets", "tickets"),
]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for each building shown and each category, zeros included."""
    waiting = facts[facts["status"].isin(UNRESOLVED_STATUSES)]
    counts = count_by_building(waiting)
    named = counts.drop(index="", errors="ignore")
    largest, rest = named[:MAX_BUILDINGS], named[MAX_BUILDINGS:]
    rows = list_rows(largest, rest, counts[counts.index == ""])
    total = len(waiting)
    return Table(
        title="Unresolved tickets by building",
        columns=COLUMNS,
        rows=rows,
        headline=Headline(total, ticket_phrase(total, "are unresolved", "is unresolved"), "tickets"),
        filter=f"Status open or active on {format_local(as_of, time_zone)}.",
        drawn_column="tickets",
        notes=[*note_largest(largest), *note_rest(rest)],
        empty_message="" if total else "No tickets are unresolved.",
        chart_kind="Heat map",
        mark_name="fields",
        drilldowns=find_drilldowns(rows, list(largest.index)),
    )


def count_by_building(waiting: pd.DataFrame) -> pd.DataFrame:
    """A row per building and a column per category; the most tickets first, equal ones by name."""
    counts = waiting.groupby(["building", "category"], observed=True).size().unstack(fill_value=0)
    counts.index = counts.index.astype(str)
    counts = counts.reindex(columns=list(CATEGORIES), fill_value=0).sort_index()
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    return counts.loc[order]


def list_rows(largest: pd.DataFrame, rest: pd.DataFrame, no_building: pd.DataFrame) -> list[list[Any]]:
    buildings = [(name, counts) for name, counts in largest.iterrows()]
    buildings += [
        (name, part.sum()) for name, part in ((OTHER, rest), (NO_BUILDING, no_building)) if len(part)
    ]
    return [
        [str(name), category, int(counts[category])] for name, counts in buildings for category in CATEGORIES
    ]


def find_drilldowns(rows: list[list[Any]], named: list[str]) -> Drilldowns:
    """By index and not by label: a building may have the name of the rest."""
    waiting = {"status": list(UNRESOLVED_STATUSES)}
    building_filters: list[Filters] = [{"building_is": [name]} for name in named]
    rest = {OTHER: outside_buildings(named), NO_BUILDING: {"has_building": ["false"]}}
    building_filters += [rest[str(row[0])] for row in rows[len(named) * len(CATEGORIES) :: len(CATEGORIES)]]
    filters = [
        {"tickets": building_filter | waiting | {"category": [category]}}
        for building_filter in building_filters
        for category in CATEGORIES
    ]
    return make_drilldowns(COLUMNS, rows, filters, whole=waiting, total=sum(row[2] for row in rows))


def note_largest(largest: pd.DataFrame) -> list[str]:
    if largest.empty:
        return []
    count = int(largest.iloc[0].sum())
    return [f"Most tickets: {largest.index[0]} ({count:,})."]


def note_rest(rest: pd.DataFrame) -> list[str]:
    if rest.empty:
        return []
    buildings, tickets = format_count(len(rest), "building"), format_count(int(rest.to_numpy().sum()))
    return [f"“Other” combines {buildings} with {tickets}."]


def chart(table: Table, axes: Axes) -> None:
    """A column for each building, a row for each category: darker means more tickets.

    The scale is that of the named buildings: other and no building may be a hundred times as many.
    """
    labels = shorten_names(table.values("building")[:: len(CATEGORIES)], MAX_LETTERS)
    counts = table.values("tickets")
    by_category = [count for index in range(len(CATEGORIES)) for count in counts[index :: len(CATEGORIES)]]
    named = (count for building, _, count in table.rows if building not in (OTHER, NO_BUILDING))
    draw_heat_map(axes, by_category, across=labels, down=list(CATEGORIES.values()), top=max(named, default=0))
    axes.tick_params(axis="x", labelrotation=90)
