"""The upper end of an axis: a few extreme values are cut off, so that the others stay readable."""

from collections.abc import Sequence

OUTLIER_FACTOR = 5  # this many times the highest of the others
MIN_OTHERS = 2
MAX_CUT_DIVISOR = 4  # at most every fourth value is cut off


def find_axis_limit(values: Sequence[float]) -> float | None:
    """The highest value that is shown in full; None if no value is extreme."""
    ordered = sorted(values)
    max_cut = min(max(1, len(ordered) // MAX_CUT_DIVISOR), len(ordered) - MIN_OTHERS)
    for count in range(max_cut, 0, -1):
        rest, cut = ordered[-count - 1], ordered[-count]
        if rest > 0 and cut > OUTLIER_FACTOR * rest:
            return rest
    return None
