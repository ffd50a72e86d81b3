from datetime import UTC, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_workers.measuring.moments import count_microseconds
from analytics_workers.measuring.month_buckets import assign_months, count_keys, group_values, join_groups

MONTH_STARTS = [datetime(year, month, 1, tzinfo=UTC) for year in range(1890, 2061) for month in range(1, 13)]
AROUND = timedelta(hours=30)


def expect_month(moment: datetime, zone: str) -> int:
    local = moment.astimezone(ZoneInfo(zone))
    return local.year * 12 + local.month - 1


def cut(moments: list[datetime], zone: str) -> list[int]:
    whole = np.array([count_microseconds(moment) for moment in moments], dtype="int64")
    return assign_months(whole, ZoneInfo(zone)).tolist()


@given(
    zone=st.sampled_from(sorted(available_timezones())),
    moments=st.lists(
        st.builds(datetime.__add__, st.sampled_from(MONTH_STARTS), st.timedeltas(-AROUND, AROUND)),
        max_size=30,
    ),
)
def test_months_equal_those_of_local_time_in_every_zone(zone, moments):
    assert cut(moments, zone) == [expect_month(moment, zone) for moment in moments]


@pytest.mark.parametrize(
    ("zone", "edges"),
    [
        # November begins, goes back to October after a minute, and begins again.
        ("America/St_Johns", ["2009-11-01T02:30", "2009-11-01T02:31", "2009-11-01T03:30"]),
        # The last day of the year is left out.
        ("Pacific/Kiritimati", ["1994-12-31T10:40", "1994-12-31T10:00", "1995-01-31T10:00"]),
        # 44 minutes and 30 seconds behind UTC until 1972, a quarter of an hour more from noon, 19 min 32 s.
        ("Africa/Monrovia", ["1971-12-01T00:44:30", "1972-01-01T00:44:30", "1972-02-01T00:00"]),
        ("Asia/Kathmandu", ["1985-12-31T18:30", "1986-01-31T18:15"]),
        ("Europe/Amsterdam", ["1930-12-31T23:40:28", "1936-12-31T23:40:28"]),
    ],
)
def test_months_are_exact_around_odd_edges(zone, edges):
    moments = [datetime.fromisoformat(edge).replace(tzinfo=UTC) for edge in edges]
    steps = [timedelta(microseconds=1), timedelta(seconds=59), timedelta(days=1)]
    moments += [moment + sign * step for moment in moments for step in steps for sign in (-1, 1)]
    expected = [expect_month(moment, zone) for moment in moments]
    assert cut(moments, zone) == expected
    assert len(set(expected)) > 1


def test_month_can_go_back_at_a_change_of_offset():
    moments = [datetime(2009, 11, 1, 2, minute, 59, tzinfo=UTC) for minute in (29, 30, 31)]
    assert cut(moments, "America/St_Johns") == [2009 * 12 + 9, 2009 * 12 + 10, 2009 * 12 + 9]


def test_no_timestamps_give_no_months():
    assert cut([], "Europe/Berlin") == []


PAIRS = st.lists(st.tuples(st.integers(0, 2**50), st.integers(-5, 400)))
SPANS = st.builds(range, st.integers(-3, 300), st.integers(-3, 300))


@given(pairs=PAIRS, span=SPANS)
def test_values_are_grouped_by_key_and_sorted(pairs, span):
    values, keys = np.array([*pairs, (0, 0)], dtype="int64")[:-1].T
    groups = group_values(values, keys, span)
    expected = [sorted(value for value, of in pairs if of == key) for key in span]
    assert [group.tolist() for group in groups] == expected
    assert count_keys(keys, span) == [len(group) for group in expected]
    assert join_groups(groups).tolist() == list(chain(*expected))


@pytest.mark.parametrize("count", [254, 255, 256, 65_534, 65_535, 65_536])
def test_every_key_of_the_span_has_a_group(count):
    keys = np.array([-1, 0, count - 1, count, 2 * count])
    groups = group_values(np.arange(5), keys, range(count))
    assert [group.tolist() for group in (groups[0], groups[-1])] == [[1], [2]]
    assert sum(map(len, groups)) == 2
