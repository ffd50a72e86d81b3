"""Category accuracy: what people did with triage's choices, and the versions of its model."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.guards import helpdesk_required, post_only
from campus_helpdesk.web.desk.drilldown import queue_url
from campus_helpdesk.web.desk.model_versions import describe_versions
from campus_helpdesk.web.desk.queue import NEEDS_REVIEW, count_for
from django_common.requests import CallerRequest
from tickets.categories import Category
from tickets.learning.activation import activate_model
from tickets.second_opinions import find_sentence_model_in_use
from tickets.ticket_counters import count_all
from tickets.triage import load_shipped_model
from tickets.triage_metrics import WEEK, Outcome, TriageGroup, count_outcomes, find_mondays

WEEKS = 12


@dataclass(frozen=True)
class OutcomeCounts:
    """How many tickets had which outcome."""

    unchecked: int
    confirmed: int
    changed: int

    @property
    def filed(self) -> int:
        return self.unchecked + self.checked

    @property
    def checked(self) -> int:
        return self.confirmed + self.changed

    @property
    def share_changed(self) -> str:
        return format_share(self.changed, self.filed)

    @property
    def share_checked(self) -> str:
        return format_share(self.checked, self.filed)

    @property
    def share_right(self) -> str:
        """Of those that a person checked."""
        return format_share(self.confirmed, self.checked)


def format_share(part: int, whole: int) -> str:
    """In percent; "–" of nothing. What is not all is never 100 %, what is not none never 0 %."""
    if not whole:
        return "–"
    percent = round(100 * part / whole)
    if percent == 0 and part:
        return "under 1 %"
    if percent == 100 and part < whole:
        return "over 99 %"
    return f"{percent} %"


def count_by_outcome(groups: Iterable[TriageGroup]) -> OutcomeCounts:
    counts = dict.fromkeys(Outcome, 0)
    for group in groups:
        counts[group.outcome] += group.count
    return OutcomeCounts(counts[Outcome.UNCHECKED], counts[Outcome.CONFIRMED], counts[Outcome.CHANGED])


@helpdesk_required
@require_safe
def show_category_accuracy(request: CallerRequest) -> HttpResponse:
    zone, review_below = settings.CAMPUS_TIME_ZONE, load_shipped_model().review_below
    mondays = find_mondays(WEEKS, timezone.now(), zone)
    groups = count_outcomes(mondays, zone, review_below)
    context = {
        "weeks_shown": WEEKS,
        "since": mondays[0],
        "zone": zone,
        "all": count_by_outcome(groups),
        "weeks": describe_weeks(groups, mondays),
        "labels": Category.labels,
        "confusion": describe_confusion(groups, mondays[0]),
        "unsure": count_by_outcome(group for group in groups if group.needed_review),
        "sure": count_by_outcome(group for group in groups if not group.needed_review),
        "review_below": round(100 * review_below),
        "waiting": count_for(count_all(), NEEDS_REVIEW).number,
        "waiting_href": queue_url(NEEDS_REVIEW),
        "versions": describe_versions(),
        "sentence_model": find_sentence_model_in_use(),
    }
    return render(request, "desk/category_accuracy.html", context)


def describe_weeks(groups: list[TriageGroup], mondays: list[date]) -> list[dict[str, Any]]:
    """Newest first; the bars of all weeks share one scale."""
    counts = [
        count_by_outcome(group for group in groups if group.week == number) for number in range(len(mondays))
    ]
    max_filed = max(week.filed for week in counts)
    described = [
        {
            "monday": monday,
            "counts": week,
            "bar": draw_bar(week, max_filed),
            "links": {outcome.name.lower(): link_week(monday, [outcome]) for outcome in Outcome},
            "href": link_week(monday, list(Outcome)),
        }
        for monday, week in zip(mondays, counts, strict=True)
    ]
    return described[::-1]


def link_week(monday: date, outcomes: list[Outcome]) -> str:
    days = {"opened_after": monday, "opened_until": monday + WEEK - timedelta(days=1)}
    return queue_url({"outcome": [outcome.value for outcome in outcomes]} | days)


def draw_bar(week: OutcomeCounts, max_filed: int) -> list[tuple[str, float, float]]:
    """Kind, left edge and width of each part, in hundredths of the longest bar."""
    parts, left = [], 0.0
    for kind in ("changed", "confirmed", "unchecked"):
        width = round(100 * getattr(week, kind) / max_filed, 2) if max_filed else 0
        parts.append((kind, round(left, 2), width))
        left += width
    return parts


def describe_confusion(groups: list[TriageGroup], since: date) -> list[dict[str, Any]]:
    """A row for each category of triage: how often people chose which one, and the outcomes."""
    return [
        {
            "machine": machine,
            "cells": [describe_cell(groups, machine, person, since) for person in Category.values],
            "counts": count_by_outcome(group for group in groups if group.machine == machine),
        }
        for machine in Category.values
    ]


def describe_cell(groups: list[TriageGroup], machine: str, person: str, since: date) -> dict[str, Any]:
    outcome = Outcome.CONFIRMED if machine == person else Outcome.CHANGED
    query = {"filed_as": machine, "category": person, "outcome": outcome.value, "opened_after": since}
    wanted = (machine, person, outcome)
    return {
        "count": sum(
            group.count for group in groups if (group.machine, group.category, group.outcome) == wanted
        ),
        "href": queue_url(query),
        "is_right": machine == person,
    }


@helpdesk_required
@post_only
def use_version(request: CallerRequest) -> HttpResponse:
    """Back to another version, from now on. A refused one is answered with 409."""
    version = activate_model(request.POST.get("version", ""), by=request.caller).version
    messages.success(request, f"Version {version} categorises new tickets from now on.")
    return redirect("desk:category_accuracy")
