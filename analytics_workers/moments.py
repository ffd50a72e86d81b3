"""Moments as whole microseconds since 1970 in UTC: compared and subtracted exactly and fast."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def count_microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def whole_microseconds(moments: pd.Series) -> np.ndarray:
    """A column of a frame; where it has no moment, a number that means nothing."""
    return moments.to_numpy("datetime64[us]").view("int64")
