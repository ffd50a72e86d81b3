"""The look of every chart: a light background, the colours of the pages, text of at least 10 pt at 800 px.

Drawn on `matplotlib.figure.Figure`, never through pyplot's global state. Equal tables give equal bytes.
Labels are plain text: `$` and `^{` mean nothing here.
"""

import io
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine

from analytics_workers.fonts import load_fonts
from analytics_workers.result_table import Table, format_headline

INK, MUTED, GRID, BACKGROUND = "#1f2933", "#52606d", "#d9dee4", "#ffffff"
NEUTRAL, PALE = "#5b6b7d", "#cfd7df"
LEGEND_ABOVE: dict[str, Any] = {
    "loc": "lower left",
    "bbox_to_anchor": (-0.01, 1),
    "ncols": 4,
    "columnspacing": 1.4,
    "handlelength": 1.6,
    "handletextpad": 0.5,
    "frameon": False,
    "borderpad": 0,
}
SIZE_INCHES = (8.0, 4.8)
PIXELS_AN_INCH, POINTS_AN_INCH = 200, 72
PNG_COMPRESSION = 3  # zlib's level: a tenth more bytes than the usual 6, in half the time
# What XML must not contain: matplotlib writes each label into a comment unchanged.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOTE_WIDTH, NOTE_LINES, LINE_HEIGHT = 100, 3, 0.042
TOP, MARGIN = 0.83, 0.02  # where the chart begins, and the space around it: shares of the picture's height

FONTS = load_fonts()
STYLE = {
    **sns.axes_style("whitegrid"),
    "axes.edgecolor": GRID,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 10,
    "axes.linewidth": 0.8,
    "figure.facecolor": BACKGROUND,
    "font.family": FONTS,
    "font.size": 10,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.8,
    "legend.fontsize": 10,
    "svg.fonttype": "path",
    "svg.hashsalt": "campus-helpdesk",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelsize": 10,
    "ytick.color": INK,
    "ytick.labelsize": 10,
}


@dataclass(frozen=True)
class Picture:
    svg: bytes
    png: bytes


Chart = Callable[[Table, Axes], None]


def draw_picture(table: Table, chart: Chart, *, as_of: datetime, time_zone: ZoneInfo) -> Picture:
    with mpl.rc_context(STYLE):
        as_of_text = format_as_of(as_of, time_zone)
        figure = make_figure(table, chart, as_of_text)
        return Picture(
            svg=name_chart(save(figure, "svg", metadata={"Date": None}), list_lines(table, as_of_text)),
            png=save(figure, "png", pil_kwargs={"compress_level": PNG_COMPRESSION}),
        )


def make_figure(table: Table, chart: Chart, as_of_text: str) -> Figure:
    """Title, headline, the service's chart (or why there is none), notes, and the time of the data."""
    figure = Figure(figsize=SIZE_INCHES)
    axes = figure.subplots()
    if table.empty_message:
        draw_message(axes, table.empty_message)
    else:
        chart(table, axes)
    frame_chart(figure, table, list_lines(table, as_of_text))
    fix_layout(figure)
    return figure


def fix_layout(figure: Figure) -> None:
    """Lays out both pictures once. A strip below a chart grows with it, and only a second pass finds both
    positions. Without a layout engine a picture is drawn once, with one twice."""
    for _ in range(2):
        cast(LayoutEngine, figure.get_layout_engine()).execute(figure)
    figure.set_layout_engine(None)


def list_lines(table: Table, as_of_text: str) -> list[str]:
    """The lines below the chart."""
    return [*wrap_notes(" ".join(table.notes)), f"As of {as_of_text}"]


def frame_chart(figure: Figure, table: Table, lines: list[str]) -> None:
    """The texts around the chart: what it shows above, what to keep in mind below."""
    bold = {"family": FONTS[0], "weight": "bold"}  # the other fonts have one weight; titles are not user text
    figure.text(0.025, 0.945, table.title, fontsize=14, fontproperties=bold, va="center")
    if table.headline:
        figure.text(0.025, 0.88, format_headline(table.headline), fontsize=11, va="center", color=MUTED)
    for number, line in enumerate(reversed(lines)):
        figure.text(0.025, 0.035 + number * LINE_HEIGHT, line, fontsize=10, va="center", color=MUTED)
    bottom = find_bottom(lines)
    figure.set_layout_engine("constrained", rect=(0.02, bottom, 0.955, TOP - bottom))


def find_bottom(lines: list[str]) -> float:
    """Where the chart ends above these lines, as a share of the picture's height."""
    return 0.045 + len(lines) * LINE_HEIGHT


def name_chart(svg: bytes, lines: list[str]) -> bytes:
    """Gives the chart itself a name, so that a page that repeats the texts around it can show `#chart`."""
    width, height = (inches * POINTS_AN_INCH for inches in SIZE_INCHES)
    above, below = (1 - TOP - MARGIN) * height, (find_bottom(lines) - MARGIN) * height
    view = f'<view id="chart" viewBox="0 {above:.1f} {width:.0f} {height - above - below:.1f}"/>'
    return svg.replace(b"<metadata>", f"{view}\n <metadata>".encode(), 1)


def wrap_notes(text: str) -> list[str]:
    """The text in at most three lines; the rest is in the table."""
    return textwrap.wrap(text, NOTE_WIDTH, max_lines=NOTE_LINES, placeholder=" ...")


def format_as_of(as_of: datetime, time_zone: ZoneInfo) -> str:
    return f"{as_of.astimezone(time_zone):%Y-%m-%d %H:%M} ({time_zone.key})"


def draw_message(axes: Axes, message: str) -> None:
    """A text in place of a chart."""
    axes.set_axis_off()
    text = textwrap.fill(message, 64)
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=13, color=MUTED, transform=axes.transAxes)


def format_tick(value: float, position: float) -> str:
    return f"{value:,.10g}"


def save(figure: Figure, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=PIXELS_AN_INCH, facecolor=BACKGROUND, **options)
    raw = buffer.getvalue()
    return NOT_XML.sub("\ufffd", raw.decode()).encode() if kind == "svg" else raw
