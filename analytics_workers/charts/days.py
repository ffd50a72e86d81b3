"""A chart of days: steps filled down to zero, so that one day is as readable as a thousand."""

from calendar import month_abbr
from datetime import date

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analytics_workers.figures import INK, LEGEND_ABOVE, NEUTRAL, PALE, format_tick
from analytics_workers.result_table import Table

MAX_LABELS = 8


def draw_days(axes: Axes, table: Table) -> None:
    """Needs the columns day, active and tickets, where active is a part of tickets."""
    days = table.values("day")
    edges = [index - 0.5 for index in range(len(days) + 1)]
    axes.stairs(table.values("tickets"), edges, fill=True, color=PALE, label="open")
    axes.stairs(table.values("active"), edges, fill=True, color=NEUTRAL, label="active")
    axes.stairs(table.values("tickets"), edges, baseline=None, color=INK, linewidth=1.4, label="total")
    axes.legend(**LEGEND_ABOVE)
    axes.set(xlabel="", ylabel="tickets", xlim=(edges[0], edges[-1]))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter(format_tick)
    axes.grid(visible=False, axis="x")
    sns.despine(ax=axes, left=True)
    label_days(axes, days)


def label_days(axes: Axes, days: list[str]) -> None:
    """At most eight labels, evenly spaced up to the last day; the year is below where it changes."""
    step = -(-len(days) // MAX_LABELS)
    indexes = list(range((len(days) - 1) % step, len(days), step))
    years = [None, *(days[index][:4] for index in indexes)]
    names = [
        format_day(days[index], with_year=days[index][:4] != year)
        for index, year in zip(indexes, years, strict=False)
    ]
    axes.set_xticks(indexes, names)
    axes.tick_params(axis="x", bottom=True, length=3)


def format_day(day: str, *, with_year: bool) -> str:
    """As "1 Feb", with its year below if requested."""
    moment = date.fromisoformat(day)
    name = f"{moment.day} {month_abbr[moment.month]}"
    return f"{name}\n{moment.year}" if with_year else name
