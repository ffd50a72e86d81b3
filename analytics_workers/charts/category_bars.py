"""A chart of categories: horizontal bars, one or a pair per category."""

from typing import Any

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analytics_workers.figures import BACKGROUND, INK, format_tick
from analytics_workers.result_table import Table
from common.categories import CATEGORIES, CATEGORY_COLOURS
from common.formatting import format_number


def draw_category_bars(axes: Axes, table: Table, count: str, split: str | None = None) -> None:
    """Horizontal bars of counts by category; `split` names a column that makes a pair of bars of each: the
    first one hollow, the second one filled. The counts are beside the bars."""
    labels = [CATEGORIES[code] for code in table.values("category")]
    parts = table.values(split) if split else None
    options: dict[str, Any] = {"orient": "h", "errorbar": None, "legend": False, "width": 0.7}
    sns.barplot(x=table.values(count), y=labels, hue=parts, ax=axes, **options)
    pairs: list[Any] = list(axes.containers)
    for index, (bars, part) in enumerate(zip(pairs, dict.fromkeys(parts or [""]), strict=True)):
        for bar, colour in zip(bars, CATEGORY_COLOURS.values(), strict=True):
            is_hollow = split is not None and index == 0
            bar.set(facecolor=BACKGROUND if is_hollow else colour, edgecolor=colour, linewidth=1.8)
        labels_of_bars = [f"{format_number(int(bar.get_width()))} {part}".strip() for bar in bars]
        axes.bar_label(bars, labels_of_bars, padding=5, fontsize=11, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.xaxis.set_major_formatter(format_tick)
    axes.set(xlabel="tickets", ylabel="")
    axes.tick_params(axis="y", labelsize=11, length=0)
    axes.margins(x=0.14)
    axes.set_xlim(left=0)
    sns.despine(ax=axes, left=False, bottom=True)
