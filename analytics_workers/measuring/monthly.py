"""Shared by the measures by opening month: choosing months, exact means, percentiles, texts.

Sums are of integer microseconds, so a mean is exact however many tickets there are; percentiles are numpy's,
interpolated linearly.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from analytics_workers.measuring.moments import MICROSECONDS_AN_HOUR, exact_sum
from analytics_workers.result_table import format_count, ticket_phrase
from common.analysis_messages import Column, Headline
from common.parameters import month_name, month_number

MAX_BUCKETS = 130
TIME_COLUMNS = [  # what summarize_times gives
    Column("mean_hours", "Mean", "hours"),
    Column("median_hours", "Median", "hours"),
    Column("p90_hours", "90th percentile", "hours"),
]


def current_month(as_of: datetime, time_zone: ZoneInfo) -> int:
    """The snapshot's month in the zone, as the number of `month_number`."""
    local = as_of.astimezone(time_zone)
    return local.year * 12 + local.month - 1


def choose_range(params: dict[str, Any], opened: np.ndarray, now: int) -> tuple[int, int]:
    """First and last month, both included, none in the future; first > last if there is nothing to show."""
    last = min(month_number(params["until"]), now) if "until" in params else now
    if "from" in params:
        return month_number(params["from"]), last
    if "months" in params:
        return last - params["months"] + 1, last
    earlier = opened[opened <= last]
    return (max(int(earlier.min()), last - MAX_BUCKETS + 1) if len(earlier) else last + 1), last


def summarize_times(times: np.ndarray) -> list[float | None]:
    """Mean, median and 90th percentile in hours of sorted integer microseconds; nulls if there are none."""
    if not len(times):
        return [None, None, None]
    median, p90 = (compute_percentile(times, share) / MICROSECONDS_AN_HOUR for share in (0.5, 0.9))
    return [mean_hours(times), median, p90]


def compute_percentile(times: np.ndarray, share: float) -> float:
    """numpy's linear percentile to the last bit; as the times are sorted, no search is needed."""
    position = share * (len(times) - 1)
    below = int(position)
    low, high = int(times[below]), int(times[min(below + 1, len(times) - 1)])
    part = position - below
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def mean_hours(times: np.ndarray) -> float:
    """The only division, so it rounds once."""
    return exact_sum(times) / (len(times) * MICROSECONDS_AN_HOUR)


def mean_headline(times: np.ndarray, start: str, done: str) -> Headline | None:
    """The mean of all as a headline: "hours `start` on average, over 12 `done` tickets"; none if there are
    none."""
    if not len(times):
        return None
    over = format_count(len(times), f"{done} ticket")
    return Headline(mean_hours(times), f"hours {start} on average, over {over}", "hours")


def explain_empty(opened: int, times: int, done: str) -> str:
    """Why there is no chart; `done` is what a ticket with a time is: closed, answered."""
    if times:
        return ""
    return f"No tickets {f'of these months are {done} yet' if opened else 'were opened in these months'}."


def note_future(params: dict[str, Any], now: int) -> list[str]:
    """A note if requested months are later than the snapshot."""
    requested = [month_number(params[name]) for name in ("from", "until") if name in params]
    if max(requested, default=now) <= now:
        return []
    return [f"Months after {month_name(now)} are in the future and left out."]


def note_left_out(params: dict[str, Any], opened: np.ndarray, first: int) -> list[str]:
    """A note about what a history longer than the table leaves out, if no first month was chosen."""
    count = 0 if {"from", "months"} & params.keys() else int((opened < first).sum())
    if not count:
        return []
    phrase = ticket_phrase(count, "are left out: they were", "is left out: it was")
    return [f"{count:,} {phrase} opened before {month_name(first)}. Choose a range of months to see them."]


def note_unfinished(is_finished: dict[str, bool]) -> list[str]:
    """Names the months whose times will still increase, adjacent ones as a range."""
    names = join_spans([month_number(month) for month, is_over in is_finished.items() if not is_over])
    return [f"Incomplete (times will still increase): {names}."] if names else []


def join_spans(months: list[int]) -> str:
    spans: list[list[int]] = []
    for month in months:
        if spans and spans[-1][-1] == month - 1:
            spans[-1][1:] = [month]
        else:
            spans.append([month])
    return ", ".join(map(format_month_span, spans))


def format_month_span(months: list[int]) -> str:
    """As "2026-03", or "2025-11 to 2026-03"."""
    return " to ".join(dict.fromkeys(map(month_name, months)))
