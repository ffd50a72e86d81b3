import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from analytics_workers import pipeline
from analytics_workers.catalogue import SERVICES
from analytics_workers.figures import STYLE, draw_picture, make_figure, wrap_notes
from analytics_workers.frames import Facts
from analytics_workers.result_table import Table
from common.analysis_messages import AnalysisResult, Column
from common.categories import CATEGORY_COLOURS
from tests.support.api_server import AS_OF
from tests.support.campus_facts import ZONE, campus, table_of
from tests.support.facts import make_facts


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("months", [0, 5])
def test_charts_of_equal_data_are_identical(service, months):
    facts = campus(months)
    first = pipeline.draw(service, table_of(service, facts), facts, ZONE)
    second = pipeline.draw(service, table_of(service, campus(months)), facts, ZONE)
    assert first == second
    assert b"<svg" in first.svg[:500]
    assert b"<dc:date>" not in first.svg
    picture = Image.open(BytesIO(first.png))
    assert picture.size == (1600, 960)


@pytest.mark.parametrize("service", SERVICES)
def test_result_of_every_service_is_valid(service):
    facts = campus(14)
    result = pipeline.make_result(service, table_of(service, facts), facts, ZONE)
    assert AnalysisResult.from_json(result.to_json()) == result
    assert result.lineage.as_of == "2026-03-15T12:00:00.250000Z"
    assert result.lineage.rows_read == 42
    assert result.lineage.time_zone == "Europe/Berlin"
    assert len(result.alt_text) > 40


def drawn(service: str, months: int) -> Figure:
    """The figure of a service, laid out as it is saved."""
    with mpl.rc_context(STYLE):
        table = table_of(service, campus(months))
        figure = make_figure(table, pipeline.COMPUTES[service].chart, "2026-03-15 12:00 (Europe/Berlin)")
        figure.draw_without_rendering()
    return figure


def visible_texts(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


CHARTS = [(service, 5) for service in SERVICES] + [
    (service, months)
    for service in ("resolution-time", "first-answer", "solved")
    for months in (1, 12, 24, 37, 119)
]


@pytest.mark.parametrize(("service", "months"), CHARTS)
def test_chart_texts_are_large_plain_and_inside_the_image(service, months):
    figure = drawn(service, months)
    texts = visible_texts(figure)
    assert min(text.get_fontsize() for text in texts) >= 10
    assert not any(text.get_parse_math() for text in texts)
    chart = figure.axes[0].get_tightbbox()
    above = [text.get_window_extent().y0 for text in figure.texts if text.get_position()[1] > 0.5]
    below = [text.get_window_extent().y1 for text in figure.texts if text.get_position()[1] < 0.5]
    assert max(below) < chart.y0 < chart.y1 < min(above)
    assert 0 < chart.x0 < chart.x1 < figure.bbox.x1
    assert all(0 < text.get_window_extent().x1 < figure.bbox.x1 for text in figure.texts)


@pytest.mark.parametrize("months", [1, 12, 13, 36, 37, 60, 119])
def test_month_labels_never_overlap(months):
    figure = drawn("resolution-time", months)
    named = [axes for axes in [figure.axes[0], *figure.axes[0].child_axes] if axes.get_xticklabels()][-1]
    boxes = [label.get_window_extent() for label in named.get_xticklabels()]
    assert len(boxes) >= min(months, 5)
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_chart_of_months_hatches_incomplete_months_and_shows_n():
    figure = drawn("resolution-time", 6)
    axes = figure.axes[0]
    texts = [text.get_text() for text in visible_texts(figure)]
    rows = table_of("resolution-time", campus(6)).rows
    assert [bool(bar.get_hatch()) for bar in axes.patches] == [not row[6] for row in rows]
    assert [f"n={row[1]}" for row in rows] == [text for text in texts if text.startswith("n=")]
    assert axes.get_ylim()[0] == 0


def test_chart_of_many_months_shows_n_below():
    figure = drawn("resolution-time", 60)
    (strip,) = figure.axes[0].child_axes
    heights = [bar.get_height() for bar in strip.patches]
    assert heights == [row[1] for row in table_of("resolution-time", campus(60)).rows]


def with_old_ticket(months: int) -> Figure:
    """The campus with one ticket more, which took ten years."""
    facts, opened = campus(months).frame, AS_OF - timedelta(days=62)
    old = make_facts(("it", "closed", opened, opened + timedelta(days=3650), opened, None, "Library"))
    table = table_of("resolution-time", Facts(pd.concat([facts, old], ignore_index=True), AS_OF))
    with mpl.rc_context(STYLE):
        figure = make_figure(table, pipeline.COMPUTES["resolution-time"].chart, "now")
        figure.draw_without_rendering()
    return figure


@pytest.mark.parametrize(
    ("months", "label"), [(6, "29,205 h\nn=3"), (24, "29,205 h, n=3"), (60, "29,205 h, n=3")]
)
def test_chart_of_months_stays_readable_with_one_extreme_ticket(months, label):
    axes = with_old_ticket(months).axes[0]
    heights = sorted(bar.get_height() for bar in axes.patches)
    top = axes.get_ylim()[1]
    assert heights[-2] < top < 3 * heights[-2] < heights[-1]
    assert label in [text.get_text() for text in axes.texts]
    assert "longer than shown" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_chart_of_months_marks_no_bar_as_cut_off_without_extremes():
    assert "longer than shown" not in [
        text.get_text() for text in visible_texts(drawn("resolution-time", 24))
    ]


def test_chart_bars_have_category_colours_and_counts():
    table = table_of("active-by-category", campus(12))
    figure = drawn("active-by-category", 12)
    bars = figure.axes[0].patches
    assert [bar.get_width() for bar in bars] == table.values("active")
    assert [mpl.colors.to_hex(bar.get_facecolor()) for bar in bars] == list(CATEGORY_COLOURS.values())


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)
        ]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    bright, dark = sorted([light(one), light(other)], reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_chart_colours_contrast_with_the_background():
    assert all(contrast(colour, "#ffffff") >= 3 for colour in CATEGORY_COLOURS.values())
    assert contrast(STYLE["text.color"], "#ffffff") >= 7
    assert contrast(STYLE["xtick.color"], "#ffffff") >= 4.5


@pytest.mark.parametrize(
    "text", ["$x_{", "^{", r"\frac", "<script>alert(1)</script>", "a\ufffe\uffffb", "שלום", "a" * 500]
)
def test_chart_shows_any_text_literally(text):
    table = Table(
        title=text,
        columns=[Column("a", text, "")],
        rows=[],
        headline=None,
        filter="",
        drawn_column="a",
        notes=[text],
        empty_message=text,
    )
    picture = draw_picture(table, lambda table, axes: None, as_of=AS_OF, time_zone=ZONE)
    elements = {node.tag.rpartition("}")[2] for node in ElementTree.fromstring(picture.svg).iter()}
    assert not elements & {"script", "foreignObject", "image", "a"}
    assert len(picture.png) > 2000


@pytest.mark.parametrize(("service", "months"), [*CHARTS[: len(SERVICES)], ("resolution-time", 40)])
def test_chart_view_contains_all_of_the_chart_and_no_surrounding_text(service, months):
    figure, facts = drawn(service, months), campus(months)
    svg = pipeline.draw(service, table_of(service, facts), facts, ZONE).svg.decode()
    _, top, width, height = map(float, re.search('<view id="chart" viewBox="([^"]+)"', svg)[1].split())
    points = 72 / figure.dpi
    low, high = (figure.bbox.y1 * points - edge for edge in (top + height, top))
    charts = [axes.get_tightbbox() for axes in [*figure.axes, *figure.axes[0].child_axes]]
    boxes = [text.get_window_extent() for text in figure.texts]
    assert all(low <= box.y0 * points and box.y1 * points <= high for box in charts)
    assert all(box.y1 * points <= low or high <= box.y0 * points for box in boxes)
    assert (width, width / height <= 2.54) == (576, True)  # campus.css keeps this room for it


SCRIPTS = [
    "図書館",
    "图书馆",
    "도서관",
    "पुस्तकालय",
    "مكتبة",
    "ห้องสมุด",
    "ספרייה",
    "நூலகம்",
    "গ্রন্থাগার",
    "📚 Library",
    "Thư viện",
    "Библиотека",
    "Βιβλιοθήκη",
    "ბიბლიოთეკა",
    "Գրադարան",
]


@pytest.mark.filterwarnings("error")
def test_chart_fonts_cover_all_building_names(caplog):
    tickets = [("it", "open", AS_OF - timedelta(days=2), None, None, None, name) for name in SCRIPTS]
    facts = Facts(make_facts(*tickets), AS_OF)
    pipeline.draw("by-place", table_of("by-place", facts), facts, ZONE)
    assert caplog.messages == []


def test_chart_shapes_complex_scripts():
    axes = Figure().subplots()
    with mpl.rc_context(STYLE):
        whole, parts = (axes.text(0, 0, text).get_window_extent().width for text in ("क्ष", "क्‌ष"))
    assert whole < parts


def test_charts_use_no_system_fonts():
    folders = {Path(font.fname).parent.name for font in font_manager.fontManager.ttflist}
    assert folders == {"ttf", "manimgx_fonts", "noto_cjk_sans_jp_regular"}


def test_chart_shows_the_local_time_of_the_data():
    table = table_of("active-by-category", campus(1))
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    svg = draw_picture(table, pipeline.COMPUTES["active-by-category"].chart, as_of=summer, time_zone=ZONE).svg
    assert re.search(rb"<!-- As of 2026-07-01 14:00 \(Europe/Berlin\) -->", svg)


def test_notes_are_shortened_to_three_lines():
    assert len(wrap_notes("2026-01, " * 200)) == 3
    assert wrap_notes("") == []
