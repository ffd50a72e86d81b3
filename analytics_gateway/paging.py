"""Pages of analyses, the newest first."""

from collections.abc import Iterable, Set
from datetime import datetime

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination

FURTHEST = 2**31
NOT_OURS = {"cursor": ["This cursor is not one of ours."]}


class AnalysisPage(CursorPagination):
    """`page_size` 1 to 100, 25 unless told. Another parameter, one given twice, a cursor not of ours: 400."""

    page_size = 25
    max_page_size = 100
    offset_cutoff = None  # any number of analyses may share a moment
    page_size_query_param = "page_size"
    ordering = ("-requested_at", "-id")

    def paginate_queryset(self, queryset, request, view=None):
        refuse_unknown(request.query_params, {self.cursor_query_param, self.page_size_query_param})
        repeated = [name for name, values in request.query_params.lists() if len(values) > 1]
        if repeated:
            raise ValidationError({name: ["May be given once."] for name in sorted(repeated)})
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request) -> int:
        raw = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not (raw.isascii() and raw.isdigit() and len(raw) <= 3 and 1 <= int(raw) <= self.max_page_size):
            raise ValidationError({"page_size": [f"A number from 1 to {self.max_page_size}."]})
        return int(raw)

    def decode_cursor(self, request) -> Cursor | None:
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise ValidationError(NOT_OURS) from error
        if cursor and not is_ours(cursor):
            raise ValidationError(NOT_OURS)
        return cursor


def refuse_unknown(asked: Iterable[str], known: Set[str] = frozenset()) -> None:
    """Raises ValidationError naming the parameters that a list does not have."""
    unknown = sorted(set(asked) - known)
    if unknown:
        raise ValidationError({name: ["This list has no such parameter."] for name in unknown})


def is_ours(cursor: Cursor) -> bool:
    """It points to where a list may be, no further than the database can count."""
    return cursor.offset < FURTHEST and (cursor.position is None or is_moment(cursor.position))


def is_moment(text: str) -> bool:
    """A moment with an offset, in years that every zone can express."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment.tzinfo is not None and 2 <= moment.year <= 9998
