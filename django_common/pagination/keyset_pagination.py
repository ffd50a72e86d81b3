"""Keyset pagination of API lists, as a REST framework pagination class."""

from typing import Any

from django.core.signing import BadSignature
from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from common.digits import parse_digits
from django_common.pagination.cursors import Cursor, read_cursor, write_cursor
from django_common.pagination.keyset import KeysetPage, read_page

FOREIGN_CURSOR = (
    "This cursor does not belong to this list. Start again from the first page, without a cursor."
)


class KeysetPagination(CursorPagination):
    """`page_size` from 1 to 100, 25 by default; any other value, or a cursor of another list, is a 400 that
    names the parameter. A subclass defines the ordering, which ends with a unique field."""

    page_size = 25
    max_page_size = 100
    page_size_query_param = "page_size"
    cursor_query_param: str = "cursor"
    ordering: tuple[str, ...] = ("-id",)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.address = request.build_absolute_uri()
        self.ordering = self.get_ordering(request, queryset, view)
        size, cursor = self.get_page_size(request), self.find_cursor(request)
        self.keyset_page = self.read(queryset, cursor, size)
        return self.keyset_page.rows

    def read(self, queryset: QuerySet, cursor: Cursor | None, size: int) -> KeysetPage:
        return read_page(queryset, self.ordering, cursor, size)

    def get_page_size(self, request: Request) -> int:
        raw = request.query_params.get(self.page_size_query_param)
        if raw is None:
            return self.page_size
        size = parse_digits(raw, 3)
        if size is None or not 1 <= size <= self.max_page_size:
            raise ValidationError({"page_size": [f"Must be a number from 1 to {self.max_page_size}."]})
        return size

    def find_cursor(self, request: Request) -> Cursor | None:
        text = request.query_params.get(self.cursor_query_param)
        try:
            return read_cursor(text, self.ordering) if text else None
        except BadSignature as error:
            raise ValidationError({self.cursor_query_param: [FOREIGN_CURSOR]}) from error

    def get_next_link(self) -> str | None:
        return self.link_to(self.keyset_page.next)

    def get_previous_link(self) -> str | None:
        return self.link_to(self.keyset_page.previous)

    def link_to(self, cursor: Cursor | None) -> str | None:
        if cursor is None:
            return None
        text = write_cursor(cursor, self.ordering)
        return replace_query_param(self.address, self.cursor_query_param, text)
