"""Open and active tickets by building and category."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.charts.heat import draw_heat
from analytics_workers.charts.labels import shorten_names
from analytics_workers.frames import UNRESOLVED_STATUSES
from analytics_workers.measuring.drilldown import make_doors, outside_buildings
from analytics_workers.result_table import Table, format_local, say_count, say_tickets
from common.analysis_messages import Column, Headline
from common.categories import CATEGORIES
from common.drilldown import Doors, Filters

MOST_BUILDINGS = 20
OTHER, NOWHERE = "other", "no building"
MOST_LETTERS = 24

COLUMNS = [
    Column("building", "Building", ""),
    Column("category", "Category", ""),
    Column("tickets", "Tickets", "tickets"),
]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for each building shown and each category, zeros included."""
    waiting = facts[facts["status"].isin(UNRESOLVED_STATUSES)]
    counts = count_places(waiting)
    named = counts.drop(index="", errors="ignore")
    largest, rest = named[:MOST_BUILDINGS], named[MOST_BUILDINGS:]
    rows = list_rows(largest, rest, counts[counts.index == ""])
    total = len(waiting)
    return Table(
        title="Unresolved tickets, by building",
        columns=COLUMNS,
        rows=rows,
        headline=Headline(total, say_tickets(total, "are unresolved", "is unresolved"), "tickets"),
        filter=f"Status open or active on {format_local(as_of, time_zone)}.",
        shown="tickets",
        notes=[*note_largest(largest), *note_rest(rest)],
        nothing="" if total else "No tickets are unresolved.",
        picture="Heat map",
        marks="fields",
        doors=find_doors(rows, list(largest.index)),
    )


def count_places(waiting: pd.DataFrame) -> pd.DataFrame:
    """A row per building and a column per category; the most tickets first, equal ones by name."""
    counts = waiting.groupby(["building", "category"], observed=True).size().unstack(fill_value=0)
    counts.index = counts.index.astype(str)
    counts = counts.reindex(columns=list(CATEGORIES), fill_value=0).sort_index()
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    return counts.loc[order]


def list_rows(largest: pd.DataFrame, rest: pd.DataFrame, nowhere: pd.DataFrame) -> list[list[Any]]:
    places = [(name, counts) for name, counts in largest.iterrows()]
    places += [(name, part.sum()) for name, part in ((OTHER, rest), (NOWHERE, nowhere)) if len(part)]
    return [
        [str(name), category, int(counts[category])] for name, counts in places for category in CATEGORIES
    ]


def find_doors(rows: list[list[Any]], named: list[str]) -> Doors:
    """By index and not by label: a building may have the name of the rest."""
    waiting = {"status": list(UNRESOLVED_STATUSES)}
    places: list[Filters] = [{"building_is": [name]} for name in named]
    rest = {OTHER: outside_buildings(named), NOWHERE: {"has_building": ["false"]}}
    places += [rest[str(row[0])] for row in rows[len(named) * len(CATEGORIES) :: len(CATEGORIES)]]
    filters = [
        {"tickets": place | waiting | {"category": [category]}} for place in places for category in CATEGORIES
    ]
    return make_doors(COLUMNS, rows, filters, whole=waiting, total=sum(row[2] for row in rows))


def note_largest(largest: pd.DataFrame) -> list[str]:
    if largest.empty:
        return []
    count = int(largest.iloc[0].sum())
    return [f"Most in {largest.index[0]}: {say_count(count)}."]


def note_rest(rest: pd.DataFrame) -> list[str]:
    if rest.empty:
        return []
    buildings, tickets = say_count(len(rest), "more building"), say_count(int(rest.to_numpy().sum()))
    return [f"Other is {buildings} with {tickets} in total."]


def chart(table: Table, axes: Axes) -> None:
    """A column for each building, a row for each category: darker means more tickets.

    The scale is that of the named buildings: other and no building may be a hundred times as many.
    """
    places = shorten_names(table.values("building")[:: len(CATEGORIES)], MOST_LETTERS)
    counts = table.values("tickets")
    by_category = [count for place in range(len(CATEGORIES)) for count in counts[place :: len(CATEGORIES)]]
    named = (count for place, _, count in table.rows if place not in (OTHER, NOWHERE))
    draw_heat(axes, by_category, across=places, down=list(CATEGORIES.values()), top=max(named, default=0))
    axes.tick_params(axis="x", labelrotation=90)
