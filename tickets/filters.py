"""The filters of ticket lists, the same in the API and in the addresses of pages."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Q

from django_common.strict_filters import StrictFilterSet
from places.spelling import find_listed, fold_name
from tickets.buildings import digest, find_buildings
from tickets.categories import Category
from tickets.filter_fields import (
    DayField,
    DigestsField,
    MomentField,
    MonthField,
    TimeZoneField,
    WholeNumberField,
)
from tickets.following.models import Feedback
from tickets.lifecycle import Status
from tickets.local_time import filter_local_part, find_spans, in_any_span
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.search import Hits, find_hits
from tickets.triage_metrics import Outcome, with_outcome

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
YES_OR_NO = [("true", "Yes"), ("false", "No")]
MAX_MONTH, DAY = timedelta(days=31), timedelta(days=1)

BUILDING = "Part of the building's name, code or another spelling, ignoring case and accents."
BUILDING_IS = "The building's exact name, or one that it had."
BUILDING_NOT = (
    "May be repeated. In any building except those whose name's SHA-256 begins with these sixteen "
    "hexadecimal digits, so that the address stays short however long the names are."
)
IS_MINE = (
    "What this browser reported or follows, according to its own cookie. Without `ordering` the newest "
    "change comes first."
)
OPENED_UNTIL = "The last day (2026-03-31, included), campus time zone; `opened_before` is exclusive."
SEARCH = (
    "Any text. All words must occur in the description, location, reporter's name or messages: "
    "whole words first, then beginnings. Of more than 8 words the 8 rarest count, of more than 2,000 "
    "characters the first 2,000. If no ticket has all words, those with the rarest ones are listed. "
    "`#128` is that ticket. "
    "Without `ordering` the best hits come first."
)
MONTHS = "Opening month in the campus time zone (2026-03, included)."
TIME_ZONE_DEPENDENT = ("from_month", "until_month", "opened_weekday", "opened_hour")
TIME_ZONE = (
    f"The zone of {', '.join(TIME_ZONE_DEPENDENT)}; by default the campus time zone. A result that is older "
    "than the campus time zone names its own as `lineage.time_zone`."
)
STATE_BEFORE = "The state just before this moment, derived from the ticket's timestamps."


def read_month(month: str) -> datetime:
    """The first moment of a month ("2026-03") in the zone."""
    return datetime.strptime(month, "%Y-%m")


def next_month(month: str) -> datetime:
    return (read_month(month) + MAX_MONTH).replace(day=1)


def missing_or_since(field: str, moment: datetime) -> Q:
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
    """Values of the ticket's own column: no ticket is found twice, so DISTINCT is not needed."""

    def __init__(self, **kwargs: Any):
        super().__init__(distinct=False, **kwargs)


class DigestsFilter(django_filters.MultipleChoiceFilter):
    field_class = DigestsField


class TicketFilter(StrictFilterSet[TicketQuerySet]):
    """hits: what the text of `q` finds; set once `rows` was read. newest_only: as for `find_hits`."""

    hits = Hits()
    newest_only = False

    status = AnyOfFilter(choices=Status.choices)
    category = AnyOfFilter(choices=Category.choices)
    q = django_filters.CharFilter(method="search", help_text=SEARCH)
    building = django_filters.CharFilter(method="filter_building", max_length=100, help_text=BUILDING)
    building_is = django_filters.CharFilter(
        method="filter_building_is", max_length=100, strip=False, help_text=BUILDING_IS
    )
    building_not = DigestsFilter(method="filter_other_buildings", help_text=BUILDING_NOT)
    has_building = django_filters.ChoiceFilter(choices=YES_OR_NO, method="filter_has_building")
    is_mine = django_filters.ChoiceFilter(choices=[("true", "Mine")], method="filter_mine", help_text=IS_MINE)
    opened_after = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = MomentFilter(field_name="opened_at", lookup_expr="lt")
    opened_until = DayFilter(method="filter_until_day", help_text=OPENED_UNTIL)
    from_month = MonthFilter(method="filter_from_month", help_text=MONTHS)
    until_month = MonthFilter(method="filter_until_month", help_text=MONTHS)
    opened_weekday = django_filters.ChoiceFilter(
        choices=[(d, d.capitalize()) for d in WEEKDAYS], method="filter_weekday"
    )
    opened_hour = django_filters.TypedChoiceFilter(
        choices=[(str(h), f"{h:02d}:00") for h in range(24)], coerce=int, method="filter_hour"
    )
    time_zone = TimeZoneFilter(method="accept_time_zone", help_text=TIME_ZONE)
    is_answered = django_filters.ChoiceFilter(choices=YES_OR_NO, method="filter_answered")
    was_open_at = MomentFilter(method="filter_was_open", help_text=STATE_BEFORE)
    was_active_at = MomentFilter(method="filter_was_active", help_text=STATE_BEFORE)
    was_unclosed_at = MomentFilter(method="filter_was_unresolved", help_text=STATE_BEFORE)

    class Meta:
        model = Ticket
        fields: list[str] = []

    @property
    def local_zone(self) -> str:
        """The zone for months, weekdays and hours."""
        return self.form.cleaned_data.get("time_zone") or settings.CAMPUS_TIME_ZONE

    def accept_time_zone(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        """Filters nothing by itself: the filters that depend on a time zone use it."""
        return queryset

    def search(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        self.hits = find_hits(value, self.role, newest_only=self.newest_only)
        return queryset.matching(self.hits)

    def filter_building(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        part = fold_name(value)  # nothing is left of a lone accent, and every name contains nothing
        if not part:
            return queryset.none()
        names = find_buildings(lambda building: part in fold_name(building))
        return queryset.filter(building__in={*names, *find_listed(key__contains=part)})

    def filter_building_is(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.filter(building__in={value, *find_listed(text=value)})

    def filter_other_buildings(self, queryset: TicketQuerySet, name: str, value: list[str]) -> TicketQuerySet:
        if not value:
            return queryset
        return queryset.filter(building__in=find_buildings(lambda building: digest(building) not in value))

    def filter_has_building(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        """`> ''` is what an index finds of "has one"."""
        return queryset.filter(building__gt="") if value == "true" else queryset.filter(building="")

    def filter_answered(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.filter(first_answered_at__isnull=value == "false")

    def filter_mine(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return queryset.followed_by(self.browser)

    def filter_until_day(self, queryset: TicketQuerySet, name: str, value: date) -> TicketQuerySet:
        end = datetime.combine(value + DAY, time.min)
        return queryset.filter(in_any_span("opened_at", find_spans(settings.CAMPUS_TIME_ZONE, None, end)))

    def filter_from_month(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        spans = find_spans(self.local_zone, read_month(value), None)
        return queryset.filter(in_any_span("opened_at", spans))

    def filter_until_month(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        spans = find_spans(self.local_zone, None, next_month(value))
        return queryset.filter(in_any_span("opened_at", spans))

    def filter_weekday(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return filter_local_part(queryset, "opened_at", self.local_zone, "isodow", WEEKDAYS.index(value) + 1)

    def filter_hour(self, queryset: TicketQuerySet, name: str, value: int) -> TicketQuerySet:
        return filter_local_part(queryset, "opened_at", self.local_zone, "hour", value)

    def filter_was_open(self, queryset: TicketQuerySet, name: str, value: datetime) -> TicketQuerySet:
        return queryset.unresolved_at(value).filter(missing_or_since("activated_at", value))

    def filter_was_active(self, queryset: TicketQuerySet, name: str, value: datetime) -> TicketQuerySet:
        return queryset.unresolved_at(value).filter(activated_at__lt=value)

    def filter_was_unresolved(self, queryset: TicketQuerySet, name: str, value: datetime) -> TicketQuerySet:
        return queryset.unresolved_at(value)


class DeskFilter(TicketFilter):
    """The helpdesk's list also filters by whether triage was unsure, by people's corrections, and by whether
    the reporter calls the problem solved."""

    needs_review = django_filters.TypedChoiceFilter(choices=[("true", "Category unsure")], coerce=bool)
    filed_as = django_filters.ChoiceFilter(choices=Category.choices, method="filter_filed_as")
    outcome = django_filters.MultipleChoiceFilter(choices=Outcome.choices, method="filter_outcome")
    solved = django_filters.MultipleChoiceFilter(
        choices=[("yes", "Solved"), ("no", "Not solved")], method="filter_solved"
    )

    def filter_filed_as(self, queryset: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return with_outcome(queryset).filter(Q(filed_as=value))

    def filter_outcome(self, queryset: TicketQuerySet, name: str, value: list[str]) -> TicketQuerySet:
        return with_outcome(queryset, value) if value else queryset

    def filter_solved(self, queryset: TicketQuerySet, name: str, value: list[str]) -> TicketQuerySet:
        return queryset.filter(feedback__is_solved__in=[answer == "yes" for answer in value])


class WholeNumberFilter(django_filters.Filter):
    field_class = WholeNumberField


class FactFilter(StrictFilterSet[TicketQuerySet]):
    """changed_after: a change token; selects tickets that transactions at or after it have written, or whose
    reporter said since then whether the problem is solved."""

    not_filters = {"fields", "with_checksum", "cursor", "page_size"}
    status = AnyOfFilter(choices=Status.choices)
    opened_after = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = MomentFilter(field_name="opened_at", lookup_expr="lt")
    changed_after = WholeNumberFilter(method="filter_changed", max_value=2**63 - 1)

    class Meta:
        model = Ticket
        fields: list[str] = []

    def filter_changed(self, queryset: TicketQuerySet, name: str, value: int) -> TicketQuerySet:
        """Each table is asked by itself: its index finds the few that changed."""
        changed = Ticket.objects.filter(changed_xid__gte=value).order_by().values("pk")
        judged = Feedback.objects.filter(changed_xid__gte=value).values("pk")
        return queryset.filter(pk__in=changed.union(judged))
