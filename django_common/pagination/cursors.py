"""Cursors: signed positions between two rows of an ordered list."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.signing import Signer

Ordering = Sequence[str]  # names of fields or annotations, "-" before a descending one


@dataclass(frozen=True)
class Cursor:
    """The rows after one row, or before it if `is_backward`; including that row if `is_inclusive`.

    values: that row's value in each field of the ordering, as text.
    """

    values: tuple[str, ...]
    is_backward: bool = False
    is_inclusive: bool = False


def write_cursor(cursor: Cursor, ordering: Ordering) -> str:
    """The cursor as part of a URL. It is signed, so that no other cursors are accepted."""
    content = [cursor.is_backward, cursor.is_inclusive, *cursor.values]
    return _signer(ordering).sign_object(content)


def read_cursor(text: str, ordering: Ordering) -> Cursor:
    """Raises BadSignature if the text is not a cursor of this ordering."""
    is_backward, is_inclusive, *values = _signer(ordering).unsign_object(text)
    return Cursor(tuple(values), is_backward, is_inclusive)


def _signer(ordering: Ordering) -> Signer:
    return Signer(salt=f"cursor of {','.join(ordering)}", sep=".")
