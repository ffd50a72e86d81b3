"""Pages of analyses, newest first."""

from django_common.pagination.keyset_pagination import KeysetPagination


class AnalysisPagination(KeysetPagination):
    ordering = ("-requested_at", "-id")
