"""A chart of groups: vertical bars side by side, one per category."""

from typing import Any

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analytics_workers.figures import BACKGROUND, INK, LEGEND_ABOVE, format_tick
from analytics_workers.result_table import Table
from common.categories import CATEGORIES, CATEGORY_COLOURS, CATEGORY_HATCHES
from common.formatting import format_number

# What fits above an upright bar of a group in one line.
MAX_HORIZONTAL_LETTERS = 4


def draw_grouped_bars(axes: Axes, table: Table, group: str, count: str) -> None:
    """Vertical bars of counts: for each value of `group` one bar per category, with the counts above them."""
    names = [CATEGORIES[code] for code in table.values("category")]
    colours = dict(zip(CATEGORIES.values(), CATEGORY_COLOURS.values(), strict=True))
    options: dict[str, Any] = {"errorbar": None, "width": 0.84, "saturation": 1, "palette": colours}
    sns.barplot(x=table.values(group), y=table.values(count), hue=names, ax=axes, **options)
    groups: list[Any] = list(axes.containers)
    for bars, hatch in zip(groups, CATEGORY_HATCHES.values(), strict=True):
        for bar in bars:
            bar.set(hatch=hatch, edgecolor=BACKGROUND)
        labels = [format_number(int(bar.get_height())) for bar in bars]
        is_long = max(map(len, labels)) > MAX_HORIZONTAL_LETTERS
        axes.bar_label(bars, labels, padding=3, color=INK, rotation=90 if is_long else 0)
    axes.legend(groups, CATEGORIES.values(), **LEGEND_ABOVE)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter(format_tick)
    axes.set(xlabel="", ylabel="tickets")
    axes.grid(visible=False, axis="x")
    axes.margins(y=0.2)
    axes.set_ylim(bottom=0)
    sns.despine(ax=axes, left=True)
