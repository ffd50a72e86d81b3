"""A heat map: darker means more; readable in one colour and in none.

The counts are in the cells if they fit, else there is a colour scale.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.ticker import MaxNLocator

from analytics_workers.figures import BACKGROUND, INK, format_tick
from common.formatting import format_number

# Few enough steps that the scale is drawn as SVG shapes and not embedded as an image.
SHADES = ListedColormap(sns.light_palette("#08457a", n_colors=32))
LETTERS_ACROSS = 80
MIN_FIELDS = 8


COLOUR_BAR: dict[str, Any] = {
    "label": "tickets",
    "format": format_tick,
    "pad": 0.015,
    "use_gridspec": False,
}


def draw_heat_map(
    axes: Axes, counts: Sequence[int], *, across: Sequence[str], down: Sequence[str], top: float = 0
) -> None:
    """`counts` has the cells row by row; there is at least one ticket. The scale ends at `top`, or at the
    largest count if that is 0; a cell above it has the darkest shade, and its number in any case."""
    grid = np.array(counts).reshape(len(down), len(across))
    maximum = top or int(grid.max())
    is_written = len(format_number(int(grid.max()))) * max(len(across), MIN_FIELDS) <= LETTERS_ACROSS
    rotation = 0 if is_written else 90  # rotated, a long number fits into a narrow cell
    sns.heatmap(
        grid,
        ax=axes,
        cmap=SHADES,
        vmin=0,
        vmax=maximum,
        linewidths=1,
        linecolor=BACKGROUND,
        annot=write_counts(grid, 1 if is_written else maximum + 1),
        fmt="",
        annot_kws={"size": 10, "rotation": rotation},
        cbar=not is_written,
        cbar_kws=COLOUR_BAR | {"ticks": MaxNLocator(nbins=5, integer=True)},
    )
    label_axes(axes, across, down)


def write_counts(grid: np.ndarray, minimum: float) -> np.ndarray:
    """The text of each cell: its count, empty below the minimum."""
    return np.array(
        [[format_number(int(count)) if count >= minimum else "" for count in row] for row in grid]
    )


def label_axes(axes: Axes, across: Sequence[str], down: Sequence[str]) -> None:
    axes.set_xticks([index + 0.5 for index in range(len(across))], across, rotation=0)
    axes.set_yticks([index + 0.5 for index in range(len(down))], down, rotation=0)
    axes.set_xlim(right=max(len(across), MIN_FIELDS))
    axes.tick_params(length=0, colors=INK)
    axes.grid(visible=False)
