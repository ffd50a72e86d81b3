"""The filters of lists: the same for the API and the pages, in the address."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import django_filters
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django_filters.rest_framework import DjangoFilterBackend

from common.errors import Invalid
from common.roles import Role
from tickets.buildings import digest, find_buildings, fold
from tickets.categories import Category
from tickets.errors import invalid_from
from tickets.filter_fields import (
    DayField,
    DigestsField,
    MomentField,
    MonthField,
    TimeZoneField,
    WholeNumberField,
)
from tickets.lifecycle import Status
from tickets.local_time import find_spans, showing, within
from tickets.models import Ticket
from tickets.search import Hits, find_hits
from tickets.triage_metrics import Outcome, with_outcome

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
YES_OR_NO = [("true", "Yes"), ("false", "No")]
LONGEST_MONTH, DAY = timedelta(days=31), timedelta(days=1)

BUILDING = "A part of the building's name, in capital or small letters."
BUILDING_IS = "The building's whole name, letter for letter."
BUILDING_NOT = (
    "May be repeated: in a building, and in none whose name has a SHA-256 that begins with these sixteen "
    "hexadecimal digits. However long the names are, the address stays short."
)
UNTIL = "The last day (2026-03-31), included, campus time zone; `opened_before` leaves its moment out."
SEARCH = (
    "Any text. All words must occur, in the description, the place, the reporter's name or the messages: "
    "whole words first, then beginnings; of more than 8 words the 8 rarest count, of more than 2,000 "
    "characters the first 2,000. Where no ticket has all words, those with the rarest ones are listed. "
    "`#128` is that ticket. "
    "Without `ordering` the best hits come first."
)
MONTHS = "Opening month of the campus time zone (2026-03), included."
# What a moment is in depends on the clock.
CUT_BY_CLOCK = ("from_month", "until_month", "opened_weekday", "opened_hour")
TIME_ZONE = (
    f"In which {', '.join(CUT_BY_CLOCK)} are cut; the campus time zone unless told. A result that is older "
    "than the campus time zone names its own as `lineage.time_zone`."
)
WAS = "The state just before this moment, replayed from the moments of the ticket."


def read_month(month: str) -> datetime:
    """The first moment of a month ("2026-03") on the clock."""
    return datetime.strptime(month, "%Y-%m")


def next_month(month: str) -> datetime:
    return (read_month(month) + LONGEST_MONTH).replace(day=1)


def not_before(field: str, moment: datetime) -> Q:
    """It has not happened, or not before that moment."""
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": moment})


class MomentFilter(django_filters.Filter):
    field_class = MomentField


class DayFilter(django_filters.Filter):
    field_class = DayField


class MonthFilter(django_filters.Filter):
    field_class = MonthField


class TimeZoneFilter(django_filters.Filter):
    field_class = TimeZoneField


class AnyOfFilter(django_filters.MultipleChoiceFilter):
    """Values of the ticket's own column: no ticket is found twice, so none is compared with the others."""

    def __init__(self, **kwargs):
        super().__init__(distinct=False, **kwargs)


class DigestsFilter(django_filters.MultipleChoiceFilter):
    field_class = DigestsField


def refuse_repeated(asked: QueryDict, names: Iterable[str]) -> None:
    """Of two values one would be dropped silently. Raises Invalid."""
    repeated = {name for name in names if len(asked.getlist(name)) > 1}
    if repeated:
        raise Invalid({name: ["May be given once."] for name in sorted(repeated)})


class StrictFilterSet(django_filters.FilterSet):
    """Refuses what it does not know. Raises Invalid naming the parameter."""

    not_filters = {"ordering", "cursor", "page_size"}
    base_filters: dict[str, django_filters.Filter]

    def __init__(self, data: QueryDict, *, queryset: QuerySet, role: Role = Role.USER):
        """Only what is asked is set up: django-filter copies every filter and its form field.

        role: as which a text is searched; `queryset` has what the role may see.
        """
        self.role = role
        known = self.base_filters
        self.unknown = set(data) - set(known) - self.not_filters
        self.base_filters = {name: known[name] for name in data if name in known}
        super().__init__(data, queryset=queryset)

    def takes_one(self, name: str) -> bool:
        return not isinstance(self.filters.get(name), django_filters.MultipleChoiceFilter)

    @property
    def rows(self):
        """The filtered tickets."""
        if self.unknown:
            raise Invalid({name: ["There is no such filter."] for name in sorted(self.unknown)})
        refuse_repeated(self.data, {name for name in self.data if self.takes_one(name)})
        if not self.is_valid():
            raise invalid_from(self.errors)
        return self.qs


class NoFilter(StrictFilterSet):
    """Of a list that is asked for its pages alone."""

    not_filters = {"cursor", "page_size"}


class FilterBackend(DjangoFilterBackend):
    """The view's filters as DRF and its OpenAPI document know them."""

    def filter_queryset(self, request, queryset, view):
        return view.filterset_class(request.query_params, queryset=queryset, role=request.user.role).rows


class TicketFilter(StrictFilterSet):
    """hits: what the text of `q` finds, once the rows were asked for."""

    hits = Hits()

    status = AnyOfFilter(choices=Status.choices)
    category = AnyOfFilter(choices=Category.choices)
    q = django_filters.CharFilter(method="search", help_text=SEARCH)
    building = django_filters.CharFilter(method="in_building", max_length=100, help_text=BUILDING)
    building_is = django_filters.CharFilter(
        field_name="building", max_length=100, strip=False, help_text=BUILDING_IS
    )
    building_not = DigestsFilter(method="outside", help_text=BUILDING_NOT)
    has_building = django_filters.ChoiceFilter(choices=YES_OR_NO, method="placed")
    opened_after = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = MomentFilter(field_name="opened_at", lookup_expr="lt")
    opened_until = DayFilter(method="until_day", help_text=UNTIL)
    from_month = MonthFilter(method="from_first_of", help_text=MONTHS)
    until_month = MonthFilter(method="until_last_of", help_text=MONTHS)
    opened_weekday = django_filters.ChoiceFilter(
        choices=[(d, d.capitalize()) for d in WEEKDAYS], method="on_weekday"
    )
    opened_hour = django_filters.TypedChoiceFilter(
        choices=[(str(h), f"{h:02d}:00") for h in range(24)], coerce=int, method="in_hour"
    )
    time_zone = TimeZoneFilter(method="count_in_zone", help_text=TIME_ZONE)
    is_answered = django_filters.ChoiceFilter(choices=YES_OR_NO, method="answered")
    was_open_at = MomentFilter(method="was_open", help_text=WAS)
    was_active_at = MomentFilter(method="was_active", help_text=WAS)
    was_unclosed_at = MomentFilter(method="was_unclosed", help_text=WAS)

    class Meta:
        model = Ticket
        fields: list[str] = []

    @property
    def clock_zone(self) -> str:
        """Whose clock cuts months, weekdays and hours."""
        return self.form.cleaned_data.get("time_zone") or settings.CAMPUS_TIME_ZONE

    def count_in_zone(self, queryset, name, value: str):
        """Nothing by itself: the filters that a clock cuts ask for it."""
        return queryset

    def search(self, queryset, name, value):
        self.hits = find_hits(value, self.role)
        return queryset.among(self.hits)

    def in_building(self, queryset, name, value: str):
        part = fold(value)  # of an accent alone nothing is left, which every name would have
        names = find_buildings(lambda building: part in fold(building)) if part else []
        return queryset.filter(building__in=names)

    def outside(self, queryset, name, value: list[str]):
        if not value:
            return queryset
        return queryset.filter(building__in=find_buildings(lambda building: digest(building) not in value))

    def placed(self, queryset, name, value: str):
        """`> ''` is what an index finds of "has one"."""
        return queryset.filter(building__gt="") if value == "true" else queryset.filter(building="")

    def answered(self, queryset, name, value: str):
        return queryset.filter(first_answered_at__isnull=value == "false")

    def until_day(self, queryset, name, value: date):
        end = datetime.combine(value + DAY, time.min)
        return queryset.filter(within("opened_at", find_spans(settings.CAMPUS_TIME_ZONE, None, end)))

    def from_first_of(self, queryset, name, value: str):
        spans = find_spans(self.clock_zone, read_month(value), None)
        return queryset.filter(within("opened_at", spans))

    def until_last_of(self, queryset, name, value: str):
        spans = find_spans(self.clock_zone, None, next_month(value))
        return queryset.filter(within("opened_at", spans))

    def on_weekday(self, queryset, name, value: str):
        return showing(queryset, "opened_at", self.clock_zone, "isodow", WEEKDAYS.index(value) + 1)

    def in_hour(self, queryset, name, value: int):
        return showing(queryset, "opened_at", self.clock_zone, "hour", value)

    def was_open(self, queryset, name, value: datetime):
        return queryset.unclosed_at(value).filter(not_before("activated_at", value))

    def was_active(self, queryset, name, value: datetime):
        return queryset.unclosed_at(value).filter(activated_at__lt=value)

    def was_unclosed(self, queryset, name, value: datetime):
        return queryset.unclosed_at(value)


class DeskFilter(TicketFilter):
    """The desk's list also knows what the machine filed without confidence, and what people made of it."""

    needs_review = django_filters.TypedChoiceFilter(choices=[("true", "Please check")], coerce=bool)
    filed_as = django_filters.ChoiceFilter(choices=Category.choices, method="filed_by_machine")
    outcome = django_filters.MultipleChoiceFilter(choices=Outcome.choices, method="judged")

    def filed_by_machine(self, queryset, name, value: str):
        return with_outcome(queryset).filter(Q(filed_as=value))

    def judged(self, queryset, name, value: list[str]):
        return with_outcome(queryset, value) if value else queryset


class WholeNumberFilter(django_filters.Filter):
    field_class = WholeNumberField


class FactFilter(StrictFilterSet):
    """changed_after: a change token; the rows that transactions at or after it have written."""

    not_filters = {"fields", "with_checksum", "cursor", "page_size"}
    status = AnyOfFilter(choices=Status.choices)
    opened_after = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = MomentFilter(field_name="opened_at", lookup_expr="lt")
    changed_after = WholeNumberFilter(field_name="changed_xid", lookup_expr="gte", max_value=2**63 - 1)

    class Meta:
        model = Ticket
        fields: list[str] = []
