"""Moments to months of the campus time zone, and numbers to one piece a month.

All of it works on whole numbers in numpy arrays: a million tickets are cut and grouped in a few passes.
"""

from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

MICROSECONDS_A_DAY = 86_400_000_000
MONTHS_BEFORE_1970 = 1970 * 12


def cut_months(moments: np.ndarray, time_zone: ZoneInfo) -> np.ndarray:
    """The month of each moment (whole microseconds) in the zone, as the number that `month_number` gives.

    A clock is less than a day away from UTC, so its month can be another one than UTC's on the first
    and the last day of a month only. The other days are looked up in a table; these ask the clock.
    """
    if not len(moments):
        return np.empty(0, dtype="int32")
    days = moments // MICROSECONDS_A_DAY
    first = int(days.min()) - 1
    calendar = list_months(first, int(days.max()) + 1)
    is_edge = np.concatenate([[True], calendar[:-2] != calendar[2:], [True]])
    places = days - first
    months = calendar[places]
    at_edge = np.flatnonzero(is_edge[places])
    months[at_edge] = calendar[local_days(moments[at_edge], time_zone) - first]
    return months


def list_months(first: int, last: int) -> np.ndarray:
    """The month of each day, both included, counted from 1970."""
    days = np.arange(first, last + 1).astype("datetime64[D]")
    return days.astype("datetime64[M]").astype("int32") + MONTHS_BEFORE_1970


def local_days(moments: np.ndarray, time_zone: ZoneInfo) -> np.ndarray:
    """The day that the zone's calendar shows at each moment, counted from 1970."""
    utc = pd.DatetimeIndex(moments.view("datetime64[us]"), tz="UTC")
    local = utc.tz_convert(time_zone).tz_localize(None)
    return local.to_numpy("datetime64[us]").view("int64") // MICROSECONDS_A_DAY


def is_within(months: np.ndarray, span: range) -> np.ndarray:
    return (months >= span.start) & (months < span.stop)


def count_by_month(months: np.ndarray, span: range) -> list[int]:
    """How often each month of the span is there."""
    return np.bincount(months[is_within(months, span)] - span.start, minlength=len(span)).tolist()


def group_by_month(
    values: np.ndarray, months: np.ndarray, span: range
) -> tuple[np.ndarray, list[np.ndarray]]:
    """All values of the span's months, and the same as one sorted piece a month.

    Months are brought together as the smallest whole numbers that hold them, because numpy sorts those of
    up to 16 bits by counting; then each piece is sorted by itself, while it fits into the processor's cache.
    """
    inside = np.flatnonzero(is_within(months, span))
    places = (months[inside] - span.start).astype(np.min_scalar_type(len(span)))
    together = values[inside[np.argsort(places, kind="stable")]]
    ends = np.cumsum(np.bincount(places, minlength=len(span))).tolist()
    pieces = [together[start:end] for start, end in pairwise([0, *ends])]
    for piece in pieces:
        piece.sort()
    return together, pieces
