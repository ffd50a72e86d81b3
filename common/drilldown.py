"""The shape of doors: for a number, the filters with which the ticket list shows what it counted.

Standard library only, like everything that the contract is made of.
"""

from dataclasses import dataclass
from typing import Any

from common.json_validation import as_kind, as_line, as_object, as_text

Filters = dict[str, list[str]]


@dataclass(frozen=True)
class Door:
    """How many tickets a number tells of, and the filters of the API's ticket list that show exactly them."""

    count: int
    filters: Filters


@dataclass(frozen=True)
class Doors:
    """A door for each number of tickets above zero: the headline's, and those of each row by column."""

    headline: Door | None
    rows: list[dict[str, Door]]


def read_doors(value: Any, columns: list[str], rows: list[list[Any]]) -> Doors | None:
    """Raises ValueError that names the field: wrong shape, or a count that is not its cell's."""
    if value is None:
        return None
    data = as_object(value, "doors", Doors)
    given = as_kind(data["rows"], list, "doors.rows")
    if len(given) != len(rows):
        raise ValueError(f"doors.rows: {len(rows)} objects are needed")
    cells = [dict(zip(columns, row, strict=True)) for row in rows]
    return Doors(
        headline=None if data["headline"] is None else read_door(data["headline"], "doors.headline"),
        rows=[read_row(doors, known) for doors, known in zip(given, cells, strict=True)],
    )


def read_row(value: Any, cells: dict[str, Any]) -> dict[str, Door]:
    doors = as_kind(value, dict, "doors.rows")
    found = {name: read_door(door, "doors.rows") for name, door in doors.items()}
    if any(door.count != cells.get(name) for name, door in found.items()):
        raise ValueError("doors.rows: a door counts something else than its cell says")
    return found


def read_door(value: Any, field: str) -> Door:
    data = as_object(value, field, Door)
    count, filters = as_kind(data["count"], int, field), as_kind(data["filters"], dict, field)
    if count < 1:
        raise ValueError(f"{field}: a door leads to one ticket or more")
    return Door(count, {as_line(name, field): read_texts(texts, field) for name, texts in filters.items()})


def read_texts(value: Any, field: str) -> list[str]:
    return [as_text(text, field) for text in as_kind(value, list, field)]
