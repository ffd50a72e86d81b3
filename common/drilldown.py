"""Drill-down: for each number, the filters with which the ticket list shows what it counted."""

from typing import Annotated, Any

from msgspec import Meta

from common.json_validation import AnyText, StrictStruct, Text

Filters = dict[AnyText, list[Text]]


class Drilldown(StrictStruct, frozen=True):
    """How many tickets a number counts, and the filters of the API's ticket list that show exactly them."""

    count: Annotated[int, Meta(ge=1)]
    filters: Filters


class Drilldowns(StrictStruct, frozen=True):
    """One drill-down per count above zero: the headline's, and those of each row by column."""

    headline: Drilldown | None
    rows: list[dict[str, Drilldown]]


def check_drilldowns(drilldowns: Drilldowns, columns: list[str], rows: list[list[Any]]) -> None:
    """Raises ValueError if the numbers of drill-downs and rows differ, or a count differs from its cell."""
    if len(drilldowns.rows) != len(rows):
        raise ValueError(f"doors.rows: {len(rows)} objects are needed")
    for row, by_column in zip(rows, drilldowns.rows, strict=True):
        cells = dict(zip(columns, row, strict=True))
        if any(drilldown.count != cells.get(name) for name, drilldown in by_column.items()):
            raise ValueError("doors.rows: the count of a drill-down differs from its cell")
