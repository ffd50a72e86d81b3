"""The filters of lists: the same for the API and the pages, in the address."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.conf import settings
from django.utils.dateparse import parse_date, parse_datetime
from django_filters.rest_framework import DjangoFilterBackend

from tickets.categories import Category
from tickets.errors import Invalid
from tickets.lifecycle import Status
from tickets.models import Ticket


def parse_moment(raw: str) -> datetime:
    """A moment with its offset, or a date: its midnight in the campus zone. Raises ValueError."""
    day: date | None = parse_date(raw) if len(raw) <= 10 else None
    if day:
        return datetime.combine(day, time.min, ZoneInfo(settings.CAMPUS_TIME_ZONE))
    moment = parse_datetime(raw.replace(" ", "+"))
    if moment is None or moment.tzinfo is None:
        raise ValueError("A date (2026-03-31), or a moment with its offset (2026-03-31T12:00:00Z).")
    return moment


class MomentField(forms.CharField):
    def to_python(self, value):
        raw = super().to_python(value)
        if not raw:
            return None
        try:
            moment = parse_moment(raw)
            moment.astimezone(ZoneInfo("UTC"))
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(f"Not a moment: {error}") from error
        return moment


class MomentFilter(django_filters.Filter):
    field_class = MomentField


class StrictFilterSet(django_filters.FilterSet):
    """Refuses what it does not know. Raises Invalid naming the parameter."""

    not_filters = {"ordering", "cursor", "page_size"}

    @property
    def rows(self):
        """The filtered tickets."""
        unknown = set(self.data) - set(self.filters) - self.not_filters
        if unknown:
            raise Invalid({name: ["There is no such filter."] for name in sorted(unknown)})
        if not self.is_valid():
            raise Invalid({name: [str(text) for text in texts] for name, texts in self.errors.items()})
        return self.qs


class FilterBackend(DjangoFilterBackend):
    """The view's filters as DRF and its OpenAPI document know them."""

    def filter_queryset(self, request, queryset, view):
        return view.filterset_class(request.query_params, queryset=queryset).rows


class TicketFilter(StrictFilterSet):
    status = django_filters.MultipleChoiceFilter(choices=Status.choices)
    category = django_filters.MultipleChoiceFilter(choices=Category.choices)
    q = django_filters.CharFilter(method="search")
    building = django_filters.CharFilter(lookup_expr="iexact", max_length=100)
    opened_after = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = MomentFilter(field_name="opened_at", lookup_expr="lt")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def search(self, queryset, name, value):
        return queryset.matching(value)


class DeskFilter(TicketFilter):
    """The desk's list also knows the tickets that the machine filed without confidence."""

    needs_review = django_filters.TypedChoiceFilter(choices=[("true", "Please check")], coerce=bool)


class FactFilter(StrictFilterSet):
    """changed_after: a change token; the rows that transactions at or after it have written."""

    not_filters = {"fields", "with_checksum", "cursor", "page_size"}
    status = django_filters.MultipleChoiceFilter(choices=Status.choices)
    opened_after = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = MomentFilter(field_name="opened_at", lookup_expr="lt")
    changed_after = django_filters.NumberFilter(
        field_name="changed_xid", lookup_expr="gte", min_value=0, max_value=2**63 - 1, decimal_places=0
    )

    class Meta:
        model = Ticket
        fields: list[str] = []
