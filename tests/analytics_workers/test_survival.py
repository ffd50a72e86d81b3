import numpy as np
import pytest

from analytics_workers.survival import median_time


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
def test_median_counts_who_still_waits(finished, waiting, expected):
    assert median(finished, waiting) == expected


def test_median_of_the_textbook():
    """The 6-MP arm of Freireich's leukaemia trial (1963): the median of its 21 patients is 23 weeks."""
    finished = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    waiting = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    assert median(finished, waiting) == 23


def test_median_is_exact_where_floats_would_miss_one_half():
    """Without anybody waiting in between, half of n is reached with ticket n / 2, however many there are."""
    for count in range(2, 400, 2):
        finished = list(range(1, count // 2 + 1))
        assert median(finished, [count] * (count // 2)) == count // 2
