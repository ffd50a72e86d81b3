"""From a number of an analysis to the list of its tickets, and what the list says about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from analytics_gateway.models import Analysis
from campus_helpdesk.web.shared.active_filters import ORIGIN_FIELDS
from common.errors import invalid_from
from common.roles import Role
from tickets.categories import Category
from tickets.filter_fields import MomentField
from tickets.filters import TIME_ZONE_DEPENDENT, DeskFilter
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.ticket_counters import MAX_COUNTED, Count, count_up_to


class QueueFilter(DeskFilter):
    """The filters of the desk's list, whose address may also name the analysis from which one came."""

    not_filters = DeskFilter.not_filters | set(ORIGIN_FIELDS)


class OriginForm(forms.Form):
    analysis = forms.UUIDField()
    counted = forms.IntegerField(min_value=1, max_value=10**9)
    as_of = MomentField()


@dataclass(frozen=True)
class Origin:
    """The analysis behind a list (None: no longer kept), what it counted, and how long the list is now."""

    analysis: Analysis | None
    as_of: datetime
    counted: int
    list_count: Count

    @property
    def has_changed(self) -> bool:
        """As far as the list was counted."""
        if self.list_count.is_capped:
            return self.counted <= self.list_count.number
        return self.counted != self.list_count.number


def drilldown_url(drilldown: dict[str, Any], analysis: UUID, lineage: dict[str, Any]) -> str:
    """The list's address; `drilldown` and `lineage` as they are in a result.

    If the campus time zone has changed since, the list uses the zone of the result.
    """
    origin = {"analysis": analysis, "counted": drilldown["count"], "as_of": lineage["as_of"]}
    is_cut = any(name in TIME_ZONE_DEPENDENT for name in drilldown["filters"])
    zone = {"time_zone": lineage["time_zone"]} if is_cut and has_other_zone(lineage) else {}
    return queue_url(drilldown["filters"] | zone | origin)


def has_other_zone(lineage: dict[str, Any]) -> bool:
    """Whether a result was counted in another zone than the present campus time zone."""
    return lineage["time_zone"] != settings.CAMPUS_TIME_ZONE


def queue_url(query: dict[str, Any]) -> str:
    """The address of the desk's list with these filters."""
    return reverse("desk:queue") + (f"?{urlencode(query, doseq=True)}" if query else "")


def read_origin(query: QueryDict, list_count: Count) -> Origin | None:
    """list_count: the length of the list as the sidebar counted it.

    Raises Invalid naming the parameter; None if the list was not opened from an analysis.
    """
    if not any(name in query for name in ORIGIN_FIELDS):
        return None
    form = OriginForm(query.dict())
    if not form.is_valid():
        raise invalid_from(form.errors)
    cleaned = form.cleaned_data
    analysis = Analysis.objects.without_results().filter(pk=cleaned["analysis"]).first()
    if list_count.is_capped:
        counts = count_up_to(
            QueueFilter(query, queryset=Ticket.objects.all(), role=Role.HELPDESK).rows, MAX_COUNTED
        )
        list_count = counts.total(Status.values, Category.values)
    return Origin(analysis, cleaned["as_of"], cleaned["counted"], list_count)
