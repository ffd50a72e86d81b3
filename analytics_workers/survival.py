"""The Kaplan-Meier median: a median that counts who has not finished yet as such.

E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations, 1958.
"""

from math import prod

import numpy as np

# Nearer to one half than this, the curve is computed again in whole numbers.
DOUBT = 1e-9


def median_time(finished: np.ndarray, waiting: np.ndarray) -> int | None:
    """The first time at which the curve has fallen to one half or below, or None where it never does.

    `finished` has the times that are complete, `waiting` those that were still running when last seen
    (at a tie, they are seen after it); both as whole numbers of any unit.
    """
    times, falls = np.unique(finished, return_counts=True)
    at_risk = count_from(finished, times) + count_from(waiting, times)
    curve = np.cumprod(1 - falls / at_risk)
    for place in np.flatnonzero(curve <= 0.5 + DOUBT):
        if curve[place] < 0.5 - DOUBT or is_half(at_risk[: place + 1].tolist(), falls[: place + 1].tolist()):
            return int(times[place])
    return None


def count_from(values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """How many values are not below each time."""
    return len(values) - np.searchsorted(np.sort(values), times, side="left")


def is_half(at_risk: list[int], falls: list[int]) -> bool:
    """Whether the curve is at one half or below, without rounding."""
    left = prod(risk - fall for risk, fall in zip(at_risk, falls, strict=True))
    return 2 * left <= prod(at_risk)
