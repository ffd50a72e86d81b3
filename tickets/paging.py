"""Pages by cursor: steady while rows come and go, and as fast on the last page as on the first."""

from django.core.exceptions import ValidationError as PointsNowhere
from django.db import DataError
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination

NOT_OURS = {"cursor": ["This cursor is not one of ours."]}
ORDERINGS = {
    "opened_at": ("opened_at", "id"),
    "-opened_at": ("-opened_at", "-id"),
    "modified_at": ("modified_at", "id"),
    "-modified_at": ("-modified_at", "-id"),
}


class Page(CursorPagination):
    """`page_size` 1 to 100, 25 unless told; anything else is a 400 that names it."""

    page_size = 25
    max_page_size = 100
    offset_cutoff = None  # any number of tickets may share a moment
    page_size_query_param = "page_size"
    ordering = "-id"

    def get_page_size(self, request) -> int:
        raw = request.query_params.get(self.page_size_query_param)
        if raw is None:
            return self.page_size
        if not (raw.isascii() and raw.isdigit() and len(raw) <= 3 and 1 <= int(raw) <= self.max_page_size):
            raise ValidationError({"page_size": [f"A number from 1 to {self.max_page_size}."]})
        return int(raw)

    def decode_cursor(self, request):
        try:
            return super().decode_cursor(request)
        except NotFound as error:
            raise ValidationError(NOT_OURS) from error

    def paginate_queryset(self, queryset, request, view=None):
        """A cursor that decodes but points nowhere is found out by the query only."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (PointsNowhere, ValueError, OverflowError, DataError) as error:
            raise ValidationError(NOT_OURS) from error


class TicketPage(Page):
    """Ordered by opening or change; the id breaks ties."""

    def get_ordering(self, request, queryset, view) -> tuple[str, ...]:
        raw = request.query_params.get("ordering", "-opened_at")
        if raw not in ORDERINGS:
            raise ValidationError({"ordering": [f"One of: {', '.join(ORDERINGS)}."]})
        return ORDERINGS[raw]


class ConversationPage(Page):
    ordering = ("sent_at", "id")


class HistoryPage(Page):
    ordering = ("pgh_id",)
