"""Filters in the query of a list that refuse unknown parameters."""

from typing import Generic, Protocol, TypeVar

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from common.errors import invalid_from
from common.roles import Role
from django_common.pagination.parameters import PAGE_PARAMETERS, refuse_repeated, refuse_unknown
from django_common.requests import get_caller

Rows = TypeVar("Rows", bound=QuerySet)


class StrictFilterSet(django_filters.FilterSet, Generic[Rows]):
    """Refuses unknown and repeated parameters. Raises Invalid naming the parameter."""

    not_filters = {"ordering", *PAGE_PARAMETERS}
    base_filters: dict[str, django_filters.Filter]

    def __init__(self, data: QueryDict, *, queryset: Rows, role: Role = Role.USER, browser: str = ""):
        """Sets up only the filters that are used: django-filter copies every filter and its form field.

        role, browser: of the caller, for searching texts and for what the browser follows; `queryset` has the
        rows that the role may see.
        """
        self.role, self.browser = role, browser
        known = self.base_filters
        self.base_filters = {name: known[name] for name in data if name in known}
        super().__init__(data, queryset=queryset)

    def takes_one(self, name: str) -> bool:
        return not isinstance(self.filters.get(name), django_filters.MultipleChoiceFilter)

    @property
    def rows(self) -> Rows:
        """The rows that pass the filters. Raises Invalid."""
        refuse_unknown(self.data, self.base_filters.keys() | self.not_filters)
        refuse_repeated(self.data, {name for name in self.data if self.takes_one(name)})
        if not self.is_valid():
            raise invalid_from(self.errors)
        found: Rows = self.qs
        return found


class PagingFilter(StrictFilterSet[QuerySet]):
    """For a list that has pages but no filters."""

    not_filters = {*PAGE_PARAMETERS}


class FilteredView(Protocol):
    filterset_class: type[StrictFilterSet]


class FilterBackend(DjangoFilterBackend):
    """The view's filters, for DRF and its OpenAPI document."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: FilteredView) -> QuerySet:
        caller = get_caller(request)
        filters = view.filterset_class(
            request.query_params, queryset=queryset, role=caller.role, browser=caller.browser
        )
        return filters.rows
