"""Time from opening to closing, by opening month of the campus time zone.

Sums are made of whole microseconds, so that a mean is exact however many tickets there are;
percentiles are numpy's, interpolated linearly.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.contract import Column, Headline
from analytics_workers.months import draw_months
from analytics_workers.parameters import month_name, month_number
from analytics_workers.tables import Table, say_tickets

MICROSECONDS_AN_HOUR = 3_600_000_000
MAX_BUCKETS = 130

COLUMNS = [
    Column("month", "Opening month"),
    Column("closed", "Closed", "tickets"),
    Column("opened", "Opened", "tickets"),
    Column("mean_hours", "Mean", "hours"),
    Column("median_hours", "Median", "hours"),
    Column("p90_hours", "90th percentile", "hours"),
    Column("is_finished", "Finished"),
]


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for every month from the first to the last, months without tickets included."""
    opened = cut_months(facts["opened_at"], time_zone)
    times = whole_microseconds(facts)
    now = as_of.astimezone(time_zone).year * 12 + as_of.astimezone(time_zone).month - 1
    first, last = choose_range(params, opened, now)
    counts, groups = opened.value_counts(), dict(list(times.groupby(opened)))
    rows = [
        measure_month(month, groups.get(month, []), int(counts.get(month, 0)), month < now)
        for month in range(first, last + 1)
    ]
    closed = times[opened.between(first, last)]
    span = say_span([first, last]) if rows else "no month"
    return Table(
        title=f"Resolution time by opening month{f', {span}' if rows else ''}",
        columns=COLUMNS,
        rows=rows,
        headline=make_headline(closed),
        filter=f"Opening month {span}, cut in {time_zone.key}; times of closed tickets only.",
        shown="mean_hours",
        notes=[*note_unfinished(rows), *note_future(params, now), *note_left_out(params, opened, first)],
        nothing=say_nothing(rows, len(closed)),
    )


def cut_months(moments: pd.Series, time_zone: ZoneInfo) -> pd.Series:
    """The month of each moment in the zone, as the number that `month_number` gives."""
    local = moments.dt.tz_convert(time_zone)
    return local.dt.year.astype("int64") * 12 + local.dt.month - 1


def whole_microseconds(facts: pd.DataFrame) -> pd.Series:
    """Time from opening to closing of the closed tickets, as integers."""
    times = (facts["closed_at"] - facts["opened_at"]).dropna()
    return times.astype("timedelta64[us]").astype("int64")


def choose_range(params: dict[str, Any], opened: pd.Series, now: int) -> tuple[int, int]:
    """First and last month, both included, none after now; first > last where there is nothing to show."""
    last = min(month_number(params["until"]), now) if "until" in params else now
    if "from" in params:
        return month_number(params["from"]), last
    if "months" in params:
        return last - params["months"] + 1, last
    earlier = opened[opened <= last]
    return (max(int(earlier.min()), last - MAX_BUCKETS + 1) if len(earlier) else last + 1), last


def measure_month(month: int, times: Any, opened: int, is_over: bool) -> list[Any]:
    """One row: `times` are the closed tickets' microseconds, `opened` counts all of the month's tickets."""
    closed = len(times)
    is_finished = is_over and closed == opened
    if not closed:
        return [month_name(month), 0, opened, None, None, None, is_finished]
    median, p90 = np.percentile(times, [50, 90]) / MICROSECONDS_AN_HOUR
    return [month_name(month), closed, opened, mean_hours(times), float(median), float(p90), is_finished]


def mean_hours(times: Any) -> float:
    """Python's whole numbers know no overflow, and the one division rounds once."""
    return sum(map(int, times)) / (len(times) * MICROSECONDS_AN_HOUR)


def make_headline(times: pd.Series) -> Headline | None:
    if times.empty:
        return None
    closed = f"{len(times):,} closed {say_tickets(len(times), '', '').strip()}"
    return Headline(mean_hours(times), f"hours from opening to closing on average, over {closed}", "hours")


def note_unfinished(rows: list[list[Any]]) -> list[str]:
    """Names the months whose times will still grow, neighbours as one span."""
    names = join_spans([month_number(row[0]) for row in rows if not row[-1]])
    return [f"Unfinished, times will still grow: {names}."] if names else []


def note_future(params: dict[str, Any], now: int) -> list[str]:
    """Says so where months were asked for that lie after the snapshot's."""
    asked = [month_number(params[name]) for name in ("from", "until") if name in params]
    if max(asked, default=now) <= now:
        return []
    return [f"Months after {month_name(now)} are left out: they have not come yet."]


def join_spans(months: list[int]) -> str:
    spans: list[list[int]] = []
    for month in months:
        if spans and spans[-1][-1] == month - 1:
            spans[-1][1:] = [month]
        else:
            spans.append([month])
    return ", ".join(map(say_span, spans))


def say_span(months: list[int]) -> str:
    """ "2026-03", or "2025-11 to 2026-03"."""
    return " to ".join(dict.fromkeys(map(month_name, months)))


def say_nothing(rows: list[list[Any]], closed: int) -> str:
    if closed:
        return ""
    opened = sum(row[2] for row in rows)
    return f"No tickets {'of these months are closed yet' if opened else 'were opened in these months'}."


def note_left_out(params: dict[str, Any], opened: pd.Series, first: int) -> list[str]:
    """Says what a history longer than the table leaves out, where nobody chose the first month."""
    count = 0 if {"from", "months"} & params.keys() else int((opened < first).sum())
    if not count:
        return []
    words = say_tickets(count, "are left out: they were", "is left out: it was")
    return [f"{count:,} {words} opened before {month_name(first)}. Give a range of months to see them."]


def chart(table: Table, axes: Axes) -> None:
    """A bar for each month's mean with its n, a mark for the median, unfinished months hatched."""
    draw_months(axes, table)
