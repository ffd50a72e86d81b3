"""Pages of analyses, the newest first."""

from django_common.pagination.keyset_pagination import KeysetPagination
from django_common.pagination.parameters import PAGE_PARAMETERS, refuse_repeated, refuse_unknown


class AnalysisPage(KeysetPagination):
    """Another parameter than those of a page, or one given twice: 400."""

    ordering = ("-requested_at", "-id")

    def paginate_queryset(self, queryset, request, view=None):
        refuse_unknown(request.query_params, PAGE_PARAMETERS)
        refuse_repeated(request.query_params, PAGE_PARAMETERS)
        return super().paginate_queryset(queryset, request, view)
