"""The Kaplan-Meier median, which takes unfinished tickets into account.

E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations, 1958. Computed as in B.
Efron, The two sample problem with censored data, 1967: all start with the same share of the curve, and one
that was unfinished when last seen hands its share to all that remain, in equal parts. So only those few need
a factor, and the curve can be evaluated at one place without computing all of it.
"""

from bisect import bisect_left
from dataclasses import dataclass
from math import prod

import numpy as np

# Nearer to one half than this, the curve is computed again in integers.
ROUNDING_MARGIN = 1e-9


def median_time(finished: np.ndarray, waiting: np.ndarray) -> int | None:
    """The first time at which the curve has fallen to one half or below, or None if it never does.

    `finished` has the complete times, `waiting` those that were unfinished when last seen (at a tie, they are
    seen after it); both as sorted integers of any unit.
    """
    curve = make_curve(finished, waiting)
    index = bisect_left(range(len(finished)), True, key=curve.has_halved)
    return int(finished[index]) if index < len(finished) else None


@dataclass(frozen=True)
class Curve:
    """What the curve of `count` times needs, with an entry for each waiting one that matters.

    `finished` is how many had finished when it was last seen, `at_risk` how many were left, itself included.
    `shares` is the share of one that remains before the first, the second, ... leaves, and after the last.
    """

    count: int
    finished: np.ndarray
    at_risk: np.ndarray
    shares: np.ndarray

    def has_halved(self, index: int) -> bool:
        """Whether the curve is at one half or below once the finished one at this position is counted."""
        gone = int(np.searchsorted(self.finished, index, side="right"))
        left = self.count - (index + 1) - gone
        height = left * self.shares[gone] / self.count
        if abs(height - 0.5) > ROUNDING_MARGIN:
            return bool(height < 0.5)
        return is_half(left, self.count, self.at_risk[:gone].tolist())


def make_curve(finished: np.ndarray, waiting: np.ndarray) -> Curve:
    """One that waits at least as long as the last finished one never hands on a share before the end."""
    before = np.searchsorted(finished, waiting, side="right")
    before = before[before < len(finished)]
    count = len(finished) + len(waiting)
    at_risk = count - before - np.arange(len(before))
    shares = np.cumprod(np.concatenate([[1.0], at_risk / (at_risk - 1)]))
    return Curve(count, before, at_risk, shares)


def is_half(left: int, count: int, at_risk: list[int]) -> bool:
    """Whether the curve is at one half or below, without rounding."""
    return 2 * left * prod(at_risk) <= count * prod(risk - 1 for risk in at_risk)
