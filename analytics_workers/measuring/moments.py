"""Timestamps as integer microseconds since 1970 in UTC: compared, subtracted and summed exactly and fast."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MICROSECONDS_AN_HOUR = timedelta(hours=1) // MICROSECOND
MICROSECONDS_A_DAY = timedelta(days=1) // MICROSECOND


def start_of_day(day: date, time_zone: ZoneInfo) -> datetime:
    """The first moment of a day in the zone, in UTC; if the clock skips midnight, the moment of the skip."""
    return datetime.combine(day, time(), time_zone).astimezone(UTC)


def count_microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def whole_microseconds(moments: pd.Series) -> np.ndarray:
    """A column of a frame; a meaningless number where there is no timestamp."""
    return moments.to_numpy("datetime64[us]").view("int64")


def exact_sum(numbers: np.ndarray) -> int:
    """Python's integers do not overflow but are slow, and numpy's sum wraps around silently.

    So the upper and the lower 32 bits are summed separately (which is safe for 2 ** 31 numbers) and joined
    afterwards.
    """
    upper, lower = int((numbers >> 32).sum()), int((numbers & 0xFFFFFFFF).sum())
    return (upper << 32) + lower
