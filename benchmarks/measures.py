"""The measures of three services, compared with the same numbers from hand-written numpy.

Hand-written means: for this one frame, time zone and these parameters, from plain arrays, without texts and
table.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from analytics_workers import frames, pipeline
from analytics_workers.frames import MOMENT, STATUSES, Facts
from analytics_workers.measuring.moments import count_microseconds, whole_microseconds
from analytics_workers.result_table import Table
from benchmarks.interleave import interleave
from common.analysis_messages import Headline
from common.categories import CATEGORIES

ROUNDS = 15
MILLION = 1_000_000
ZONE = ZoneInfo("Europe/Berlin")
AS_OF = datetime(2026, 3, 15, 9, 30, 0, 250_000, tzinfo=UTC)
YEARS = 5
SERVICES = {"unresolved": {"period": "7d"}, "resolution-time": {}, "active-by-category": {}}
HOUR = 3_600_000_000
DAY = 24 * HOUR
OPEN, ACTIVE, CLOSED = range(len(STATUSES))


class Columns(NamedTuple):
    """The frame as plain arrays: microseconds, and the indices of category and status."""

    opened: np.ndarray
    closed: np.ndarray
    category: np.ndarray
    status: np.ndarray


def measure() -> Iterator[tuple[str, str, str]]:
    facts = make_facts(MILLION)
    columns = list_columns(facts)
    compare(measure_product(facts), measure_by_hand(columns))
    product, by_hand = interleave(
        lambda: measure_product(facts), lambda: measure_by_hand(columns), rounds=ROUNDS
    )
    yield f"three measures by hand, {MILLION:,} rows", f"{by_hand * 1000:,.1f} ms", "1.0"
    yield f"three measures, {MILLION:,} rows (1.3)", f"{product * 1000:,.1f} ms", f"{product / by_hand:.2f}"


def make_facts(count: int) -> Facts:
    """Five years in random order; 90 % are closed, and most of the others were opened recently."""
    rng, now = np.random.default_rng(20_260_315), count_microseconds(AS_OF)
    age = rng.integers(0, YEARS * 365 * DAY, count)
    is_waiting = rng.random(count) < np.exp(-age / (YEARS * 365 * DAY / 10))
    status = np.where(is_waiting, rng.integers(OPEN, CLOSED, count), CLOSED)
    length = np.minimum(rng.exponential(5 * DAY, count).astype("int64"), age)
    opened = now - age
    activated = as_times(opened + length // 3, status == OPEN)
    arrays = {
        "id": np.arange(count),
        "category": rng.integers(0, len(CATEGORIES), count, "int8"),
        "status": status.astype("int8"),
        "building": np.zeros(count, "int32"),
        "opened_at": opened.view(MOMENT),
        "activated_at": activated,
        "first_answered_at": activated,
        "closed_at": as_times(opened + length, status != CLOSED),
    }
    columns = frames.FactColumns(arrays, ("",))
    frames.check_columns(columns)
    return Facts(frames.make_frame(columns), AS_OF)


def as_times(micros: np.ndarray, is_none: np.ndarray) -> np.ndarray:
    moments = micros.view(MOMENT)
    moments[is_none] = np.datetime64("NaT")
    return moments


def list_columns(facts: Facts) -> Columns:
    frame = facts.frame
    moments = [whole_microseconds(frame[name]) for name in ("opened_at", "closed_at")]
    return Columns(*moments, *(frame[name].cat.codes.to_numpy() for name in ("category", "status")))


def measure_product(facts: Facts) -> list[Table]:
    return [pipeline.measure(service, params, facts, ZONE) for service, params in SERVICES.items()]


def measure_by_hand(columns: Columns) -> tuple:
    return count_recent(columns), summarize_months(columns), count_active(columns)


def count_recent(columns: Columns) -> np.ndarray:
    """Unresolved tickets opened in the last seven days, by category and status."""
    now = count_microseconds(AS_OF)
    is_recent = (columns.opened >= now - 7 * DAY) & (columns.opened <= now) & (columns.status != CLOSED)
    keys = columns.category[is_recent] * len(STATUSES) + columns.status[is_recent]
    return np.bincount(keys, minlength=len(CATEGORIES) * len(STATUSES)).reshape(len(CATEGORIES), -1)


def count_active(columns: Columns) -> np.ndarray:
    return np.bincount(columns.category[columns.status == ACTIVE], minlength=len(CATEGORIES))


def summarize_months(columns: Columns) -> tuple[list[list[float | None]], float]:
    """For each opening month closed, opened, the times in hours; and the mean of all."""
    months, count = cut_months(columns.opened)
    is_closed = columns.status == CLOSED
    groups = split(columns.closed[is_closed] - columns.opened[is_closed], months[is_closed], count)
    ages = split(count_microseconds(AS_OF) - columns.opened[~is_closed], months[~is_closed], count)
    is_over = [True] * (count - 1) + [False]
    rows = [
        [len(t), len(t) + len(a), *summarize(t, a, over)]
        for t, a, over in zip(groups, ages, is_over, strict=True)
    ]
    return rows, sum(float(times.sum()) for times in groups) / np.count_nonzero(is_closed) / HOUR


def cut_months(moments: np.ndarray) -> tuple[np.ndarray, int]:
    """Each ticket's month from 0, and how many there are until now; here months begin at an hour of UTC."""
    hours = moments // HOUR
    first, last = int(hours.min()), int(hours.max())
    begin, end = datetime.fromtimestamp(first * 3600, ZONE), AS_OF.astimezone(ZONE)
    numbers = range(begin.year * 12 + begin.month, end.year * 12 + end.month)
    starts = [datetime(n // 12, n % 12 + 1, 1, tzinfo=ZONE).timestamp() // 3600 for n in numbers]
    table = np.searchsorted(starts, np.arange(first, last + 1), side="right").astype("int16")
    return table[hours - first], len(starts) + 1


def split(values: np.ndarray, months: np.ndarray, count: int) -> list[np.ndarray]:
    order = np.argsort(months, kind="stable")
    return np.split(values[order], np.cumsum(np.bincount(months, minlength=count))[:-1])


def summarize(times: np.ndarray, ages: np.ndarray, is_over: bool) -> list[float | None]:
    """Mean, median, 90th percentile, and while the month is unfinished the Kaplan-Meier median."""
    if not len(times):
        return [None] * 4
    median, p90 = np.percentile(times, [50, 90]) / HOUR
    is_finished = is_over and not len(ages)
    return [times.mean() / HOUR, median, p90, None if is_finished else estimate_median(times, ages)]


def estimate_median(finished: np.ndarray, waiting: np.ndarray) -> float | None:
    times, falls = np.unique(finished, return_counts=True)
    gone = np.cumsum(falls) - falls + np.searchsorted(np.sort(waiting), times)
    curve = np.cumprod(1 - falls / (len(finished) + len(waiting) - gone))
    positions = np.flatnonzero(curve <= 0.5 + 1e-12)
    return times[positions[0]] / HOUR if len(positions) else None


def compare(tables: list[Table], by_hand: tuple) -> None:
    """Raises AssertionError if the two differ."""
    unresolved, resolution, active = tables
    recent, (months, mean), now_active = by_hand
    assert unresolved.values("tickets") == recent[:, :CLOSED].ravel().tolist()
    assert active.values("active") == now_active.tolist()
    assert isinstance(resolution.headline, Headline)
    assert_near([resolution.headline.value], [mean])
    for row, expected in zip(resolution.rows, months, strict=True):
        assert_near([*row[1:6], row[7]], expected)


def assert_near(measured: list, expected: list) -> None:
    pairs = zip(measured, expected, strict=True)
    assert all(a == b if b is None else math.isclose(a, b, rel_tol=1e-9) for a, b in pairs), (
        measured,
        expected,
    )
