"""Keyset pagination: a page begins at the values of a row, not at a number of rows.

Rows with equal values keep their order in both directions, rows that are added or removed between two pages
shift no others, and the last page costs as much as the first if an index has the ordering.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Field, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
    TupleLessThanOrEqual,
)

from django_common.pagination.cursors import Cursor, Ordering

# Keys: whether the fields descend, and whether the row itself is included.
TUPLE_LOOKUPS = {
    (False, False): TupleGreaterThan,
    (False, True): TupleGreaterThanOrEqual,
    (True, False): TupleLessThan,
    (True, True): TupleLessThanOrEqual,
}


@dataclass(frozen=True)
class KeysetPage:
    """Rows in the order of the list, and the cursors of the neighbouring pages, None if there is none."""

    rows: list[Any]
    previous: Cursor | None
    next: Cursor | None


def read_page(queryset: QuerySet, ordering: Ordering, cursor: Cursor | None, size: int) -> KeysetPage:
    """One page of the rows, in one statement.

    The ordering must end with a unique field and contain no null. An annotation in it must read back as the
    value that the database compares with: cast a `real` to double precision first.
    """
    is_backward = cursor is not None and cursor.is_backward
    rows = queryset.order_by(*(reverse(ordering) if is_backward else ordering))
    if cursor is not None:
        rows = rows.filter(rows_after(queryset, ordering, cursor))
    # Django would build the whole statement before it finds out that there is nothing to ask for.
    found = [] if rows.query.is_empty() else list(rows[: size + 1])
    shown = found[:size][::-1] if is_backward else found[:size]
    return link_page(shown, ordering, cursor, has_more=len(found) > size)


def link_page(rows: list[Any], ordering: Ordering, cursor: Cursor | None, *, has_more: bool) -> KeysetPage:
    """has_more: whether rows follow in the direction of reading.

    Rows may have left the list since the cursor was made: an empty page links back to the row of its cursor.
    """
    is_backward = cursor is not None and cursor.is_backward
    if not rows:
        back = reverse_cursor(cursor)
        return KeysetPage([], None, back) if is_backward else KeysetPage([], back, None)
    has_rows_behind = cursor is not None and not cursor.is_inclusive
    has_previous, has_next = (has_more, has_rows_behind) if is_backward else (has_rows_behind, has_more)
    return KeysetPage(
        rows,
        Cursor(cursor_values(rows[0], ordering), is_backward=True) if has_previous else None,
        Cursor(cursor_values(rows[-1], ordering)) if has_next else None,
    )


def reverse_cursor(cursor: Cursor | None) -> Cursor | None:
    """Back to the row of the cursor; None if it is reversed already."""
    if cursor is None or cursor.is_inclusive:
        return None
    return replace(cursor, is_backward=not cursor.is_backward, is_inclusive=True)


def cursor_values(row: Model | Mapping[str, Any], ordering: Ordering) -> tuple[str, ...]:
    names = [name_of(term) for term in ordering]
    return tuple(str(row[name] if isinstance(row, Mapping) else getattr(row, name)) for name in names)


def rows_after(queryset: QuerySet, ordering: Ordering, cursor: Cursor) -> Q | Any:
    """The condition for the rows that the cursor names.

    Fields of one direction are compared as one tuple, which an index on them supports.
    """
    terms = reverse(ordering) if cursor.is_backward else ordering
    names = [name_of(term) for term in terms]
    fields = [find_field(queryset, name) for name in names]
    values = [field.to_python(text) for field, text in zip(fields, cursor.values, strict=True)]
    directions = {is_descending(term) for term in terms}
    if len(directions) == 1:
        lookup = TUPLE_LOOKUPS[directions.pop(), cursor.is_inclusive]
        return lookup(Tuple(*names), values)
    return mixed_condition(terms, values, cursor.is_inclusive)


def mixed_condition(terms: Ordering, values: Sequence[Any], is_inclusive: bool) -> Q:
    """The same for fields of different directions: equal in the first ones, beyond in the next one."""
    condition, equal = Q(), Q()
    for term, value in zip(terms, values, strict=True):
        name = name_of(term)
        condition |= equal & Q((f"{name}__lt" if is_descending(term) else f"{name}__gt", value))
        equal &= Q((name, value))
    return condition | equal if is_inclusive else condition


def find_field(queryset: QuerySet, name: str) -> Field:
    """The type of a field or an annotation."""
    annotation = queryset.query.annotations.get(name)
    return annotation.output_field if annotation is not None else queryset.model._meta.get_field(name)


def reverse(ordering: Ordering) -> list[str]:
    return [name_of(term) if is_descending(term) else f"-{term}" for term in ordering]


def name_of(term: str) -> str:
    return term.removeprefix("-")


def is_descending(term: str) -> bool:
    return term.startswith("-")
