import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_workers.measuring.moments import exact_sum
from analytics_workers.measuring.monthly import compute_percentile

TIMES = st.lists(st.integers(0, 2**58), min_size=1)


@given(times=TIMES, share=st.sampled_from([0.5, 0.9]))
def test_percentile_equals_numpy_to_the_last_bit(times, share):
    assert compute_percentile(np.sort(times), share) == np.percentile(times, share * 100)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 11, 1000, 99_991])
def test_percentile_of_many_equals_numpy_to_the_last_bit(count):
    times = np.random.default_rng(count).integers(0, 10**14, count)
    measured = [compute_percentile(np.sort(times), share) for share in (0.5, 0.9)]
    assert measured == np.percentile(times, [50, 90]).tolist()


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_sum_is_exact_where_64_bits_are_too_few(numbers):
    assert exact_sum(np.array(numbers, dtype="int64")) == sum(numbers)
