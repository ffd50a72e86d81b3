"""A chart of months: means as bars with their n, medians as marks, unfinished months hatched.

Readable from one month to 130: labels and n are thinned out or move to a strip of their own. An extreme month
is cut off at the top and shows its mean there.
"""

from calendar import month_abbr
from collections.abc import Sequence
from typing import Any

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analytics_workers.charts.axis_limits import find_axis_limit
from analytics_workers.figures import BACKGROUND, INK, LEGEND_ABOVE, MUTED, NEUTRAL, PALE, format_tick
from analytics_workers.result_table import Table
from common.formatting import format_number

# As shares of the chart's height: a horizontal "n=12" with the space around it, a letter of a rotated one.
LABEL_HEIGHT, LETTER_HEIGHT = 0.14, 0.034
CUT_SCALE = 1.6  # of the scale, for the label of a month that is cut off
CUT_MARK: dict[str, Any] = {"color": INK, "marker": "^", "linestyle": "none", "markersize": 6}
MAX_HORIZONTAL_COUNTS, MAX_COUNTS, MAX_LABELS, MIN_SLOTS = 9, 36, 13, 6


def draw_months(axes: Axes, table: Table, count: str) -> None:
    """Needs the columns month, mean_hours, median_hours, is_finished, and `count`, which has the n of the
    times; at least one mean."""
    columns = ("mean_hours", "median_hours", count, "is_finished")
    months = table.values("month")
    rows = enumerate(zip(*map(table.values, columns), strict=True))
    with_mean = [(position, *row) for position, row in rows if row[0] is not None]
    positions, means, medians, _, finished = map(list, zip(*with_mean, strict=True))
    limit = find_axis_limit(list(map(max, means, medians)))
    uncut = [row for row in with_mean if limit is None or max(row[1:3]) <= limit]
    draw_bars(axes, positions, means)
    mark_unfinished(axes, finished)
    size = 25 if len(months) <= MAX_COUNTS else 9
    mark: dict[str, Any] = {
        "marker": "D",
        "s": size,
        "color": INK,
        "edgecolors": BACKGROUND,
        "linewidths": 0.6,
    }
    axes.scatter(positions, medians, zorder=3, **mark)
    finish_axes(axes, "hours", len(months))
    draw_legend(axes, count, all(finished), is_cut=limit is not None)
    if limit is not None:
        axes.set_ylim(top=limit * CUT_SCALE)
        label_cut_bars(axes, len(months), [row for row in with_mean if row not in uncut])
    if len(months) <= MAX_COUNTS:
        tops = [(position, max(mean, median), n) for position, mean, median, n, _ in uncut]
        label_counts(axes, len(months), tops)
        room = count_labels_room(len(months), [n for *_, n in tops])
        axes.set_ylim(top=(max(top for _, top, _ in tops) or 1) / (1 - room))
        label_months(axes, months)
    else:
        axes.tick_params(axis="x", labelbottom=False)
        draw_count_strip(axes, months, table.values(count))


def draw_bars(axes: Axes, positions: Sequence[int], heights: Sequence[float]) -> None:
    """Months are placed at their numbers: matplotlib would make a label for each and drop most again."""
    sns.barplot(x=positions, y=heights, errorbar=None, width=0.75, color=NEUTRAL, native_scale=True, ax=axes)


def mark_unfinished(axes: Axes, finished: list[bool]) -> None:
    for bar, is_finished in zip(axes.patches, finished, strict=True):
        if not is_finished:
            bar.set(facecolor=PALE, edgecolor=NEUTRAL, hatch="////", linewidth=0.8)


def finish_axes(axes: Axes, label: str, slots: int) -> None:
    """From zero, with room at both sides if there are few bars, so that they do not become too wide."""
    room = 0.6 + max(0, MIN_SLOTS - slots) / 2
    axes.set(xlabel="", ylabel=label, xlim=(-room, slots - 1 + room))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(format_tick)
    axes.grid(visible=False, axis="x")
    sns.despine(ax=axes, left=True)


def draw_legend(axes: Axes, count: str, is_all_finished: bool, *, is_cut: bool) -> None:
    """The meaning of bar and mark, in one line above the chart."""
    handles = [
        Patch(facecolor=NEUTRAL, label=f"mean of n {count} tickets"),
        Line2D([], [], color=INK, marker="D", linestyle="none", markersize=5, label="median"),
    ]
    if not is_all_finished:
        handles.append(Patch(facecolor=PALE, edgecolor=NEUTRAL, hatch="////", label="incomplete month"))
    if is_cut:
        handles.append(Line2D([], [], **CUT_MARK, label="longer than shown"))
    axes.legend(handles=handles, **LEGEND_ABOVE)


def label_counts(axes: Axes, slots: int, tops: list[tuple[int, Any, int]]) -> None:
    """n above the top of each position; rotated if there is room for that only."""
    is_narrow = slots > MAX_HORIZONTAL_COUNTS
    options: dict[str, Any] = {
        "ha": "center",
        "va": "bottom",
        "rotation": 90 if is_narrow else 0,
        "color": MUTED,
    }
    for position, top, n in tops:
        above = (position, top)
        label = axes.annotate(f"n={format_number(n)}", above, (0, 8), textcoords="offset points", **options)
        label.set_in_layout(False)  # they are written inside: see count_labels_room


def count_labels_room(slots: int, counts: list[int]) -> float:
    """The share of the chart's height that the labels need above the highest bar."""
    if slots <= MAX_HORIZONTAL_COUNTS:
        return LABEL_HEIGHT
    return LABEL_HEIGHT + LETTER_HEIGHT * max(len(format_number(n)) for n in counts)


def label_cut_bars(axes: Axes, slots: int, cut: list[tuple]) -> None:
    """The mean of each month whose bar is cut off; if two are too close, the first one is labelled."""
    at_top = axes.get_xaxis_transform()
    axes.plot([position for position, *_ in cut], [1] * len(cut), transform=at_top, clip_on=False, **CUT_MARK)
    options: dict[str, Any] = {"ha": "center", "va": "top", "color": INK, "transform": at_top}
    is_narrow, last = slots > MAX_HORIZONTAL_COUNTS, -slots
    for position, mean, *_, n, _ in cut:
        if position - last < slots / MAX_COUNTS:
            continue
        label = f"{mean:,.0f} h{', ' if is_narrow else chr(10)}n={format_number(n)}"
        box = {"facecolor": BACKGROUND, "edgecolor": "none", "pad": 1.5}
        axes.text(position, 0.94, label, rotation=90 if is_narrow else 0, bbox=box, **options).set_in_layout(
            False
        )
        last = position


def label_months(axes: Axes, months: list[str]) -> None:
    """At most thirteen labels, evenly spaced, Januaries among them; the year is below where it changes."""
    step = next(step for step in (1, 2, 3, 6, 12, 24) if len(months) <= step * MAX_LABELS)
    start = next((i for i, name in enumerate(months[:step]) if (int(name[5:]) - 1) % step == 0), 0)
    positions = list(range(start, len(months), step))
    names = [format_month(months[position], with_year=position == start) for position in positions]
    axes.set_xticks(positions, names)
    axes.tick_params(axis="x", labelbottom=True, bottom=True, length=3)


def format_month(month: str, *, with_year: bool) -> str:
    """As "Feb", or "Jan" above its year."""
    name = month_abbr[int(month[5:])]
    return f"{name}\n{month[:4]}" if with_year or month.endswith("-01") else name


def draw_count_strip(axes: Axes, months: list[str], counts: list[int]) -> None:
    """n of every month as a small chart below, if numbers would not fit above the bars."""
    strip = axes.inset_axes((0, -0.33, 1, 0.25))
    draw_bars(strip, range(len(months)), counts)
    finish_axes(strip, "n", len(months))
    strip.locator_params(axis="y", nbins=3)
    label_months(strip, months)
