"""A chart of months: shares as bars with their n, on a scale from 0 to 100 %."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from analytics_workers.charts.months import (
    MAX_COUNTS,
    count_labels_room,
    draw_bars,
    draw_count_strip,
    finish_axes,
    label_counts,
    label_months,
)
from analytics_workers.figures import LEGEND_ABOVE, NEUTRAL
from analytics_workers.result_table import Table

WHOLE = 100


def draw_month_shares(axes: Axes, table: Table, share: str, count: str) -> None:
    """Needs the columns month, `share` in percent, and `count`, which has the n of the shares; at least one
    share."""
    months, counts = table.values("month"), table.values(count)
    with_share: list[tuple[int, Any, int]] = [
        (position, value, n)
        for position, (value, n) in enumerate(zip(table.values(share), counts, strict=True))
        if value is not None
    ]
    draw_bars(axes, [position for position, *_ in with_share], [value for _, value, _ in with_share])
    finish_axes(axes, "%", len(months))
    axes.legend(
        handles=[Patch(facecolor=NEUTRAL, label="solved, of n tickets whose reporter answered")],
        **LEGEND_ABOVE,
    )
    axes.set_yticks(range(0, WHOLE + 1, 20))
    if len(months) <= MAX_COUNTS:
        label_counts(axes, len(months), with_share)
        axes.set_ylim(top=WHOLE / (1 - count_labels_room(len(months), counts)))
        label_months(axes, months)
    else:
        axes.set_ylim(top=WHOLE)
        axes.tick_params(axis="x", labelbottom=False)
        draw_count_strip(axes, months, counts)
