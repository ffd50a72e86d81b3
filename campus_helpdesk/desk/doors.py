"""The way from a number of an analysis to the list of its tickets, and what the list says about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.urls import reverse

from analytics_gateway.models import Analysis
from campus_helpdesk.pages.asked import ORIGIN
from tickets.errors import invalid_from
from tickets.filter_fields import MomentField
from tickets.filters import DeskFilter


class QueueFilter(DeskFilter):
    """The filters of the desk's list, whose address may also say through which door one came."""

    not_filters = DeskFilter.not_filters | set(ORIGIN)


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
    listed: int


def link_door(door: dict[str, Any], analysis: UUID, as_of: str) -> str:
    """The list's address; `door` and `as_of` as they stand in a result."""
    origin = {"analysis": analysis, "counted": door["count"], "as_of": as_of}
    return link_list(door["filters"] | origin)


def link_list(query: dict[str, Any]) -> str:
    """The address of the desk's list under these filters."""
    return reverse("desk:queue") + (f"?{urlencode(query, doseq=True)}" if query else "")


def read_origin(asked: QueryDict, listed: int) -> Origin | None:
    """Raises Invalid naming the parameter; None where nobody came through a door."""
    if not any(name in asked for name in ORIGIN):
        return None
    form = OriginForm(asked.dict())
    if not form.is_valid():
        raise invalid_from(form.errors)
    given = form.cleaned_data
    analysis = Analysis.objects.light().filter(pk=given["analysis"]).first()
    return Origin(analysis, given["as_of"], given["counted"], listed)
