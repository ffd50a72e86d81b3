"""The orderings in which lists of tickets, messages and history rows are paged."""

from django.db.models import QuerySet
from django.http import QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from django_common.pagination.keyset_pagination import KeysetPagination

BEST_FIRST = ("-rank", "-opened_at", "-id")
ORDERINGS = {
    "opened_at": ("opened_at", "id"),
    "-opened_at": ("-opened_at", "-id"),
    "modified_at": ("modified_at", "id"),
    "-modified_at": ("-modified_at", "-id"),
    "me_too": ("me_too", "id"),
    "-me_too": ("-me_too", "-id"),
}


class TicketPagination(KeysetPagination):
    """Ordered by opening, change or how many more have the problem; a search by rank unless an ordering is
    given; the id breaks ties."""

    def get_ordering(self, request: Request, queryset: QuerySet, view: object) -> tuple[str, ...]:
        return read_ordering(request.query_params, queryset)


def read_ordering(query: QueryDict, tickets: QuerySet) -> tuple[str, ...]:
    """Raises ValidationError."""
    if "ordering" not in query and "rank" in tickets.query.annotations:
        return BEST_FIRST
    raw = query.get("ordering", "-modified_at" if "is_mine" in query else "-opened_at")
    if raw not in ORDERINGS:
        raise ValidationError({"ordering": [f"Choose one of: {', '.join(ORDERINGS)}."]})
    return ORDERINGS[raw]


class ConversationPagination(KeysetPagination):
    ordering = ("sent_at", "id")


class HistoryPagination(KeysetPagination):
    ordering = ("pgh_id",)
