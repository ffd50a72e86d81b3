"""What all pages of the admin share: rows are changed by actions only, and never deleted."""

from django.contrib import admin
from django.db.models import Model
from django.http import Http404, HttpRequest

from common.digits import parse_digits


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows cannot be added or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model:
        """The row of this number, in plain digits."""
        is_number = parse_digits(object_id, 18) is not None
        row = super().get_object(request, object_id, from_field) if is_number else None
        if row is None:
            raise Http404
        return row

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only lookups of the filters beside the list."""
        return lookup.removesuffix("__exact") in self.list_filter
