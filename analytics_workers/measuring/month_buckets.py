"""Assigns timestamps to months of the campus time zone, and groups values by month.

All of it works on integers in numpy arrays: a million tickets take a few passes.
"""

from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analytics_workers.measuring.moments import MICROSECONDS_A_DAY

MONTHS_BEFORE_1970 = 1970 * 12
AT_EDGE = -1


def assign_months(moments: np.ndarray, time_zone: ZoneInfo) -> np.ndarray:
    """The month of each timestamp (integer microseconds) in the zone, as the number of `month_number`.

    Local time is less than a day away from UTC, so its month can differ from UTC's only on the first and the
    last UTC day of a month. Tickets of these days use the zone; for the other days there is a table.
    """
    if not len(moments):
        return np.empty(0, dtype="int32")
    days = moments // MICROSECONDS_A_DAY
    first = int(days.min()) - 1
    calendar = list_months(first, int(days.max()) + 1)
    is_inner = np.concatenate([[False], calendar[:-2] == calendar[2:], [False]])
    months = np.where(is_inner, calendar, AT_EDGE)[days - first]
    at_edge = np.flatnonzero(months == AT_EDGE)
    months[at_edge] = calendar[local_days(moments[at_edge], time_zone) - first]
    return months


def list_months(first: int, last: int) -> np.ndarray:
    """The month of each day from the first to the last; days are counted from 1970."""
    days = np.arange(first, last + 1).astype("datetime64[D]")
    return days.astype("datetime64[M]").astype("int32") + MONTHS_BEFORE_1970


def local_days(moments: np.ndarray, time_zone: ZoneInfo) -> np.ndarray:
    """The local calendar day of each timestamp, counted from 1970."""
    utc = pd.DatetimeIndex(moments.view("datetime64[us]"), tz="UTC")
    local = utc.tz_convert(time_zone).tz_localize(None)
    return local.to_numpy("datetime64[us]").view("int64") // MICROSECONDS_A_DAY


def count_keys(keys: np.ndarray, span: range) -> list[int]:
    """How often each number of the span occurs."""
    return np.bincount(index_in(span, keys), minlength=len(span) + 2)[1:-1].tolist()


def group_values(values: np.ndarray, keys: np.ndarray, span: range) -> list[np.ndarray]:
    """The values of each key of the span, sorted.

    Equal keys are brought together as the smallest integers that can represent them, because numpy sorts
    those of up to 16 bits by counting; then each group is sorted by itself, while it fits into the
    processor's cache.
    """
    indexes = index_in(span, keys).astype(np.min_scalar_type(len(span) + 1))
    ordered = values[np.argsort(indexes, kind="stable")]
    ends = np.cumsum(np.bincount(indexes, minlength=len(span) + 2)[:-1]).tolist()
    groups = [ordered[start:end] for start, end in pairwise(ends)]
    for group in groups:
        group.sort()
    return groups


def join_groups(groups: list[np.ndarray]) -> np.ndarray:
    """All values in one array, even if there is no group."""
    return np.concatenate([np.empty(0, dtype="int64"), *groups])


def index_in(span: range, keys: np.ndarray) -> np.ndarray:
    """From 1 in the order of the span; 0 is for everything before it, the one after the last for everything
    after it."""
    return np.clip(keys, span.start - 1, max(span.start, span.stop)) - (span.start - 1)
