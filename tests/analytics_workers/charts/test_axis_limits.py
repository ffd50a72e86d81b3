import pytest

from analytics_workers.charts.axis_limits import find_axis_limit


@pytest.mark.parametrize(
    ("values", "limit"),
    [
        ([30, 28, 87600], 30),
        ([30] * 11 + [87600], 30),
        ([30] * 9 + [1000, 9000, 87600], 30),
        ([1, 2, 3, 100, 10000], 100),  # of five only one may be cut
        ([30, 28, 150], None),  # five times as much can be read
        ([10, 10, 10, 400, 500, 600], None),  # half of all are not outliers
        ([30, 87600], None),
        ([87600], None),
        ([0, 0, 87600], None),
        ([], None),
    ],
)
def test_axis_limit_is_below_the_few_extreme_values(values, limit):
    assert find_axis_limit(values) == limit
