"""The orderings in which lists of tickets, messages and history rows are paged."""

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from django_common.pagination.keyset_pagination import KeysetPagination

BEST_FIRST = ("-rank", "-opened_at", "-id")
ORDERINGS = {
    "opened_at": ("opened_at", "id"),
    "-opened_at": ("-opened_at", "-id"),
    "modified_at": ("modified_at", "id"),
    "-modified_at": ("-modified_at", "-id"),
}


class TicketPage(KeysetPagination):
    """Ordered by opening or change; a search by rank unless an ordering is given; the id breaks ties."""

    def get_ordering(self, request: Request, queryset: QuerySet, view: object) -> tuple[str, ...]:
        if "ordering" not in request.query_params and "rank" in queryset.query.annotations:
            return BEST_FIRST
        raw = request.query_params.get("ordering", "-opened_at")
        if raw not in ORDERINGS:
            raise ValidationError({"ordering": [f"Choose one of: {', '.join(ORDERINGS)}."]})
        return ORDERINGS[raw]


class ConversationPage(KeysetPagination):
    ordering = ("sent_at", "id")


class HistoryPage(KeysetPagination):
    ordering = ("pgh_id",)
