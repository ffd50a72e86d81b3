"""A result of two keys and a number as a cross table: a row for each first key, a column for each second
one."""

from dataclasses import dataclass
from typing import Any

Cell = tuple[dict[str, Any], str, str]  # its column, its text, its link


@dataclass(frozen=True)
class CrossTable:
    """`lines` have a first key and its cells, one for each of `heads`."""

    key: dict[str, Any]
    heads: list[str]
    lines: list[tuple[str, list[Cell]]]


def make_cross_table(columns: list[dict[str, Any]], table: list[list[Cell]]) -> CrossTable | None:
    """None if the rows are not a complete grid of two keys. Keys may be equal, so positions decide, not
    names."""
    if [column["is_number"] for column in columns] != [False, False, True]:
        return None
    firsts, seconds = ([row[index][1] for row in table] for index in (0, 1))
    width = seconds.index(seconds[0], 1) if seconds.count(seconds[0]) > 1 else len(seconds)
    starts = range(0, len(table), width)
    is_grid = all(seconds[start : start + width] == seconds[:width] for start in starts)
    if not is_grid or any(len(set(firsts[start : start + width])) > 1 for start in starts):
        return None
    lines = [(firsts[start], [row[2] for row in table[start : start + width]]) for start in starts]
    return CrossTable(columns[0], seconds[:width], lines)
