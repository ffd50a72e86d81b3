from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_workers.measuring.survival import median_time


def median(finished: list[int], waiting: list[int]) -> int | None:
    return median_time(np.array(finished, dtype="int64"), np.array(waiting, dtype="int64"))


@pytest.mark.parametrize(
    ("finished", "waiting", "expected"),
    [
        ([], [], None),
        ([], [5, 6], None),
        ([7], [], 7),
        ([7], [8], 7),
        ([7], [6], 7),
        ([7], [8, 9], None),
        ([1, 2, 3, 4], [], 2),
        ([1, 2, 3], [], 2),
        ([1, 2, 3], [2], 2),
        ([1, 2, 3], [1], 2),
        ([1, 5, 9], [2, 3, 4], 5),
        ([1, 5, 9], [2, 6, 7, 8], 9),
        ([0, 0], [0], 0),
    ],
)
def test_median_includes_waiting_tickets(finished, waiting, expected):
    assert median(finished, waiting) == expected


def test_median_equals_the_textbook_example():
    """The 6-MP arm of Freireich's leukaemia trial (1963): the median of its 21 patients is 23 weeks."""
    finished = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    waiting = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    assert median(finished, waiting) == 23


def test_median_is_exact_where_floats_would_miss_one_half():
    """Without waiting ones in between, half of n is reached with ticket n / 2, however many there are."""
    for count in range(2, 400, 2):
        finished = list(range(1, count // 2 + 1))
        assert median(finished, [count] * (count // 2)) == count // 2


def expect_median(finished: list[int], waiting: list[int]) -> int | None:
    """The curve as its authors define it, with one exact factor for each time at which somebody finished."""
    curve = Fraction(1)
    for time in sorted(set(finished)):
        at_risk = sum(other >= time for other in finished + waiting)
        curve *= 1 - Fraction(finished.count(time), at_risk)
        if curve <= Fraction(1, 2):
            return time
    return None


@given(*[st.lists(st.integers(0, 12), max_size=20)] * 2)
def test_median_equals_that_of_the_whole_curve_with_ties(finished, waiting):
    assert median(sorted(finished), sorted(waiting)) == expect_median(finished, waiting)


@given(*[st.lists(st.integers(0, 10**15), max_size=60)] * 2)
def test_median_equals_that_of_the_whole_curve(finished, waiting):
    assert median(sorted(finished), sorted(waiting)) == expect_median(finished, waiting)


def test_median_is_exact_where_shares_were_rounded():
    """After three have handed on, four have a quarter each: two of them are a half, in floats slightly
    more."""
    assert median([3, 4, 5, 6], [0, 1, 2]) == 4


def test_median_of_many_is_exact_at_the_limit_of_one_half():
    """Half of them never hand anything on: exactly one half is reached; with one more it is not."""
    for count in (10**5, 10**6):
        finished = list(range(count // 2))
        assert median(finished, [count] * (count // 2)) == count // 2 - 1
        assert median(finished, [count] * (count // 2 + 1)) is None


def test_waiting_tickets_after_the_last_finished_one_do_not_change_the_median():
    with np.errstate(all="raise"):
        assert median([1, 5, 5], [3, 6]) == 5
