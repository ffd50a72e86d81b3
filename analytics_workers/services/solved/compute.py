"""The share of closed tickets that their reporters call solved, by opening month of the campus time zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analytics_workers.charts.month_shares import draw_month_shares
from analytics_workers.measuring.drilldown import make_drilldowns, opened_in_months
from analytics_workers.measuring.moments import whole_microseconds
from analytics_workers.measuring.month_buckets import assign_months, count_keys
from analytics_workers.measuring.monthly import (
    choose_range,
    current_month,
    format_month_span,
    note_future,
    note_left_out,
)
from analytics_workers.result_table import Table, format_count, ticket_phrase
from common.analysis_messages import Column, Headline
from common.drilldown import Drilldowns, Filters
from common.parameters import month_name

COLUMNS = [
    Column("month", "Month opened", ""),
    Column("closed", "Closed", "tickets"),
    Column("answers", "Reporter answered", "tickets"),
    Column("solved", "Solved", "tickets"),
    Column("not_solved", "Not solved", "tickets"),
    Column("share", "Share solved", "%"),
]
CLOSED: Filters = {"status": ["closed"]}
SOLVED: Filters = CLOSED | {"solved": ["yes"]}
NOT_SOLVED: Filters = CLOSED | {"solved": ["no"]}
ANSWERED: Filters = CLOSED | {"solved": ["yes", "no"]}


def measure(facts: pd.DataFrame, params: dict[str, Any], *, as_of: datetime, time_zone: ZoneInfo) -> Table:
    """One row for every month from the first to the last, months without tickets included."""
    opened = assign_months(whole_microseconds(facts["opened_at"]), time_zone)
    now = current_month(as_of, time_zone)
    first, last = choose_range(params, opened, now)
    rows = count_rows(facts, opened, range(first, last + 1))
    answers, solved = (sum(row[index] for row in rows) for index in (2, 3))
    span = format_month_span([first, last]) if rows else "no month"
    return Table(
        title=f"Problems solved, by month opened{f', {span}' if rows else ''}",
        columns=COLUMNS,
        rows=rows,
        headline=share_headline(solved, answers),
        filter=f"Closed tickets opened in {span}, by months of {time_zone.key}; "
        "shares of those whose reporter answered.",
        drawn_column="share",
        notes=[
            *note_unclosed(facts, (opened >= first) & (opened <= last)),
            *note_future(params, now),
            *note_left_out(params, opened, first),
        ],
        drilldowns=link_rows(rows, answers),
        empty_message="" if answers else explain_empty(sum(row[1] for row in rows)),
    )


def count_rows(facts: pd.DataFrame, opened: np.ndarray, months: range) -> list[list[Any]]:
    is_closed = (facts["status"] == "closed").to_numpy()
    closed = count_keys(opened[is_closed], months)
    solved, not_solved = (
        count_keys(opened[is_closed & (facts["solved"] == answer).to_numpy()], months)
        for answer in ("yes", "no")
    )
    return [
        [month_name(month), total, yes + no, yes, no, share_of(yes, yes + no)]
        for month, total, yes, no in zip(months, closed, solved, not_solved, strict=True)
    ]


def share_of(solved: int, answers: int) -> float | None:
    """In percent. The only division, so it rounds once."""
    return 100 * solved / answers if answers else None


def share_headline(solved: int, answers: int) -> Headline | None:
    share = share_of(solved, answers)
    if share is None:
        return None
    over = format_count(answers, "closed ticket")
    return Headline(share, f"% of the reporters who answered call their problem solved, over {over}", "%")


def note_unclosed(facts: pd.DataFrame, is_inside: np.ndarray) -> list[str]:
    is_answered = ((facts["status"] != "closed") & (facts["solved"] != "")).to_numpy()
    count = int((is_inside & is_answered).sum())
    if not count:
        return []
    rest = ticket_phrase(count, "are not closed: their", "is not closed: its")
    return [f"{count:,} answered {rest} {'answer does' if count == 1 else 'answers do'} not count."]


def link_rows(rows: list[list[Any]], answers: int) -> Drilldowns:
    if not rows:
        return Drilldowns(None, [])
    columns = {"closed": CLOSED, "answers": ANSWERED, "solved": SOLVED, "not_solved": NOT_SOLVED}
    filters = [
        {name: counted | opened_in_months(row[0], row[0]) for name, counted in columns.items()}
        for row in rows
    ]
    whole = ANSWERED | opened_in_months(rows[0][0], rows[-1][0])
    return make_drilldowns(COLUMNS, rows, filters, whole=whole, total=answers)


def explain_empty(closed: int) -> str:
    """Why there is no chart."""
    if closed:
        return "No reporters of these months' closed tickets have said yet whether their problem is solved."
    return "No tickets of these months are closed yet."


def chart(table: Table, axes: Axes) -> None:
    """A bar for each month's share with its n, from 0 to 100 %."""
    draw_month_shares(axes, table, "share", "answers")
