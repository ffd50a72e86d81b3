"""Pages of analyses, the newest first."""

from collections.abc import Iterable, Set

from rest_framework.exceptions import ValidationError

from django_common.pagination.keyset_pagination import KeysetPagination


class AnalysisPage(KeysetPagination):
    """Another parameter than those of a page, or one given twice: 400."""

    ordering = ("-requested_at", "-id")

    def paginate_queryset(self, queryset, request, view=None):
        refuse_unknown(request.query_params, {self.cursor_query_param, self.page_size_query_param})
        repeated = [name for name, values in request.query_params.lists() if len(values) > 1]
        if repeated:
            raise ValidationError({name: ["May be given once."] for name in sorted(repeated)})
        return super().paginate_queryset(queryset, request, view)


def refuse_unknown(asked: Iterable[str], known: Set[str] = frozenset()) -> None:
    """Raises ValidationError naming the parameters that a list does not have."""
    unknown = sorted(set(asked) - known)
    if unknown:
        raise ValidationError({name: ["This list has no such parameter."] for name in unknown})
