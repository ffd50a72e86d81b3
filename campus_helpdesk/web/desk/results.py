"""A result as the page shows it: numbers with separators, labels for codes, times in campus time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from campus_helpdesk.web.desk.cross_table import make_cross_table
from campus_helpdesk.web.desk.drilldown import drilldown_url, has_other_zone
from campus_helpdesk.web.shared.labels import VALUE_LABELS
from common.formatting import format_number

EMPTY_CELL = "–"


def describe_result(result: dict[str, Any], analysis: UUID) -> dict[str, Any]:
    """The result with a table of formatted cells (crossed if its rows are a grid of two keys), the headline
    as a sentence and `as_of` as a time.

    A number with a drill-down is a link to the desk's list. Results of early releases have none.
    """
    drilldowns = result.get("doors")
    lineage = result["lineage"]
    links = [
        {name: drilldown_url(drilldown, analysis, lineage) for name, drilldown in row.items()}
        for row in (drilldowns["rows"] if drilldowns else [{}] * len(result["rows"]))
    ]
    columns = [
        column | {"is_number": is_number(result["rows"], index)}
        for index, column in enumerate(result["columns"])
    ]
    headline = result["headline"]
    table = [format_row(columns, *pair) for pair in zip(result["rows"], links, strict=True)]
    return result | {
        "columns": columns,
        "table": table,
        "cross": make_cross_table(columns, table),
        "sentence": f"{format_number(headline['value'])} {headline['label']}"
        if headline
        else result["title"],
        "tickets": drilldown_url(drilldowns["headline"], analysis, lineage)
        if drilldowns and drilldowns["headline"]
        else "",
        "as_of": parse_moment(lineage["as_of"]),
        "has_other_zone": has_other_zone(lineage),
    }


def format_row(
    columns: list[dict[str, Any]], row: list[Any], links: dict[str, str]
) -> list[tuple[dict[str, Any], str, str]]:
    """Each cell with its column, and its link."""
    return [
        (column, format_cell(column["name"], cell), links.get(column["name"], ""))
        for column, cell in zip(columns, row, strict=True)
    ]


def is_number(rows: list[list[Any]], index: int) -> bool:
    """Whether a column contains numbers, gaps allowed: those are right-aligned."""
    cells = [row[index] for row in rows if row[index] is not None]
    return bool(cells) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)


def format_cell(column: str, value: Any) -> str:
    if value is None:
        return EMPTY_CELL
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return format_number(value)
    return VALUE_LABELS.get(column, {}).get(value, str(value))


def parse_moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None
