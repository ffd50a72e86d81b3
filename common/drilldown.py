"""Drill-down: for each number, the filters with which the ticket list shows what it counted.

Standard library only, like the rest of the messages.
"""

from typing import Annotated, Any

from msgspec import Meta

from common.json_validation import AnyText, StrictStruct, Text

Filters = dict[AnyText, list[Text]]


class Door(StrictStruct, frozen=True):
    """How many tickets a number counts, and the filters of the API's ticket list that show exactly them."""

    count: Annotated[int, Meta(ge=1)]
    filters: Filters


class Doors(StrictStruct, frozen=True):
    """One drill-down per count above zero: the headline's, and those of each row by column."""

    headline: Door | None
    rows: list[dict[str, Door]]


def check_doors(doors: Doors, columns: list[str], rows: list[list[Any]]) -> None:
    """Raises ValueError if there are more or fewer drill-downs than rows, or a count differs from its
    cell."""
    if len(doors.rows) != len(rows):
        raise ValueError(f"doors.rows: {len(rows)} objects are needed")
    for row, known in zip(rows, doors.rows, strict=True):
        cells = dict(zip(columns, row, strict=True))
        if any(door.count != cells.get(name) for name, door in known.items()):
            raise ValueError("doors.rows: a door counts something else than its cell says")
