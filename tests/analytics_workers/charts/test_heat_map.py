from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics_workers.charts.heat_map import SHADES, draw_heat_map

MANY = [f"House {number}" for number in range(22)]


def draw(counts: list[int], across: list[str], **options) -> Axes:
    axes = Figure().subplots()
    draw_heat_map(axes, counts, across=across, down=["Together"], **options)
    return axes


def shades(axes: Axes) -> list[tuple]:
    axes.figure.draw_without_rendering()
    return [tuple(colour) for colour in axes.collections[0].get_facecolor()]


def written(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts if text.get_text()]


def test_scale_ends_at_the_largest_count():
    axes = draw([0, 5, 10], ["a", "b", "c"])
    assert axes.collections[0].get_clim() == (0, 10)
    assert written(axes) == ["5", "10"]


def test_scale_ends_at_a_given_maximum_and_higher_counts_have_the_darkest_shade():
    axes = draw([10, 5, 900], ["a", "b", "no building"], top=10)
    assert axes.collections[0].get_clim() == (0, 10)
    full, half, above = shades(axes)
    assert above == full == tuple(SHADES(1.0))
    assert half != full
    assert written(axes) == ["10", "5", "900"]


def test_only_counts_above_the_scale_are_written_if_space_is_short():
    axes = draw([*range(21), 12345], MANY, top=20)
    assert written(axes) == ["12,345"]
    assert len(axes.figure.axes) == 2  # beside the map stands its scale
    assert written(draw(list(range(2000, 2022)), MANY)) == []
