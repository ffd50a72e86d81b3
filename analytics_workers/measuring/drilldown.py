"""Drill-down: from what a measure counted to the filters of the helpdesk's ticket list.

Every time is absolute, so that a list opened later still shows what the number counted.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from analytics_workers.measuring.moments import MICROSECOND
from common.analysis_messages import Column
from common.drilldown import Drilldown, Drilldowns, Filters
from common.formatting import format_utc

DIGEST_LETTERS = 16


def make_drilldowns(
    columns: list[Column],
    rows: list[list[Any]],
    filters: Iterable[Mapping[str, Filters]],
    *,
    whole: Filters,
    total: int,
) -> Drilldowns:
    """`filters` has the filters of each row's counts by column; `whole` leads to the headline's `total`
    tickets. Counts of zero have no drill-down."""
    positions = {column.name: position for position, column in enumerate(columns)}
    return Drilldowns(
        headline=Drilldown(total, whole) if total else None,
        rows=[
            {
                name: Drilldown(row[positions[name]], filters_of_cell)
                for name, filters_of_cell in by_column.items()
                if row[positions[name]]
            }
            for row, by_column in zip(rows, filters, strict=True)
        ],
    )


def make_monthly_drilldowns(columns: list[Column], rows: list[list[Any]], counted: Filters) -> Drilldowns:
    """For rows that begin with month, n of the times, opened; `counted` are the filters of that n, from which
    the headline is computed."""
    if not rows:
        return Drilldowns(None, [])
    n, opened = columns[1].name, columns[2].name
    filters = [
        {n: counted | months, opened: months} for months in (opened_in_months(row[0], row[0]) for row in rows)
    ]
    whole = counted | opened_in_months(rows[0][0], rows[-1][0])
    return make_drilldowns(columns, rows, filters, whole=whole, total=sum(row[1] for row in rows))


def opened_between(first: datetime | None = None, last: datetime | None = None) -> Filters:
    """Both ends included; the list's own `opened_before` is exclusive."""
    filters = {"opened_after": [format_utc(first)]} if first else {}
    return filters | ({"opened_before": [format_utc(last + MICROSECOND)]} if last else {})


def opened_in_months(first: str, last: str) -> Filters:
    """Opening months of the campus time zone ("2026-03"), both included."""
    return {"from_month": [first], "until_month": [last]}


def outside_buildings(names: Iterable[str]) -> Filters:
    """In any building but these. They travel as digests, because twenty long names fit into no address."""
    return {"building_not": [sha256(name.encode()).hexdigest()[:DIGEST_LETTERS] for name in names]}
