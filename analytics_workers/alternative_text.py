"""The alternative text of a chart, made from its table."""

from typing import Any

from analytics_workers.result_table import Table, format_headline
from common.categories import CATEGORIES
from common.formatting import format_number


def alt_text(table: Table) -> str:
    """The alternative text, made from the table: what the chart shows, in words and numbers."""
    if table.empty_message:
        return f"{table.title}. {table.empty_message}"
    headline = f": {format_headline(table.headline)}" if table.headline else ""
    numbers = describe_rows(table) if len(table.rows) <= 8 else describe_extremes(table)
    return " ".join([f"{table.chart_kind}. {table.title}{headline}.", numbers, *table.notes])


def describe_rows(table: Table) -> str:
    return "; ".join(describe_row(table, row) for row in table.rows) + "."


def describe_row(table: Table, row: list[Any]) -> str:
    index = [column.name for column in table.columns].index(table.drawn_column)
    names = [CATEGORIES.get(cell, cell) for cell in row[:index] if isinstance(cell, str)]
    return f"{', '.join(names)}: {format_value(table, row[index])}"


def describe_extremes(table: Table) -> str:
    """For long tables: the range, the highest and the lowest row."""
    index = [column.name for column in table.columns].index(table.drawn_column)
    drawn = sorted((row for row in table.rows if row[index] is not None), key=lambda row: row[index])
    marks = table.mark_name.removesuffix("s") if len(drawn) == 1 else table.mark_name
    ends = f"{len(drawn)} {marks} from {table.rows[0][0]} to {table.rows[-1][0]}"
    return f"{ends}; lowest {describe_row(table, drawn[0])}; highest {describe_row(table, drawn[-1])}."


def format_value(table: Table, value: int | float | None) -> str:
    unit = next(column.unit for column in table.columns if column.name == table.drawn_column)
    if value is None:
        return "none"
    return f"{format_number(value)} {unit.removesuffix('s') if value == 1 else unit}"
