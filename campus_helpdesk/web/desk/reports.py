"""Scheduled reports: which analysis is made when, what comes next, previous runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from analytics_gateway.actions import create_schedule, delete_schedule, pause_schedule, resume_schedule
from analytics_gateway.errors import TooManySchedules
from analytics_gateway.models import ReportRun, ReportSchedule
from analytics_gateway.recurrence import LAST_DAY_OF_MONTH, WEEKDAYS
from campus_helpdesk.entrance.guards import helpdesk_required, post_only
from campus_helpdesk.entrance.unsent import unsent_fields
from campus_helpdesk.web.desk.analysis_forms import (
    fixed_end_warning,
    format_params,
    make_forms,
    read_params,
)
from common.errors import Invalid, Refused
from django_common.requests import CallerRequest

NEXT_SHOWN = 5
RUNS_SHOWN = 10
HOURS = [(str(hour), f"{hour:02}:00") for hour in range(24)]
# One field for the time: "daily", "weekly-0" is every Monday, "monthly-1" the first day of every month.
DAYS = [("daily", "day"), *[(f"weekly-{number}", name) for number, name in WEEKDAYS]]
MONTH_DAYS = [(f"monthly-{day}", f"month on day {day}") for day in range(1, LAST_DAY_OF_MONTH + 1)]


@dataclass(frozen=True)
class ShownSchedule:
    """A schedule with its parameters as text, its next slots, its latest runs, and a warning where its months
    do not move on."""

    schedule: ReportSchedule
    params_text: str
    upcoming: list[datetime]
    latest: list[ReportRun]
    end: str


@helpdesk_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_reports(request: CallerRequest) -> HttpResponse:
    if request.method != "POST":
        return list_reports(request)
    try:
        schedule = create_schedule(
            by=request.caller,
            service=request.POST.get("service", ""),
            params=read_params(request.POST),
            hour=request.POST.get("hour", ""),
            **read_when(request.POST.get("when", "")),
        )
    except (Invalid, TooManySchedules) as refusal:
        return list_reports(request, refusal)
    messages.success(request, f"{schedule.recurrence.describe()}: {schedule.title}.")
    if end := fixed_end_warning(schedule.params):
        messages.warning(request, end)
    return redirect("desk:reports")


def read_when(when: str) -> dict[str, Any]:
    """Turns "weekly-0" into the fields of a schedule. The gateway validates them."""
    cadence, _, day = when.partition("-")
    return {"cadence": cadence, "weekday": day, "day_of_month": day}


def list_reports(request: CallerRequest, refusal: Refused | None = None) -> HttpResponse:
    errors = refusal.errors if refusal else {}
    sent = request.POST or unsent_fields(request)
    context = {
        "services": make_forms(sent, errors),
        "errors": errors,
        "refusal": refusal,
        "schedules": read_schedules(),
        "days": DAYS,
        "month_days": MONTH_DAYS,
        "hours": HOURS,
        "sent": sent or {"when": "weekly-0", "hour": "7"},
    }
    return render(request, "desk/reports.html", context, status=refusal.status if refusal else 200)


def read_schedules() -> list[ShownSchedule]:
    runs = ReportRun.objects.select_related("analysis").defer("analysis__result")[:RUNS_SHOWN]
    found = ReportSchedule.objects.not_deleted().prefetch_related(Prefetch("runs", runs, to_attr="latest"))
    now = timezone.now()
    return [
        ShownSchedule(
            schedule,
            format_params(schedule.service, schedule.params),
            schedule.next_slots(NEXT_SHOWN, now),
            schedule.latest,
            fixed_end_warning(schedule.params),
        )
        for schedule in found
    ]


def change_schedule(
    request: CallerRequest, pk: int, action: Callable[..., object], done: str
) -> HttpResponse:
    """done: the action as a participle, for the notice."""
    schedule = get_object_or_404(ReportSchedule.objects.not_deleted(), pk=pk)
    action(schedule, by=request.caller)
    messages.success(request, f"“{schedule.title}” ({schedule.recurrence.describe()}) was {done}.")
    return redirect("desk:reports")


@helpdesk_required
@post_only
def pause(request: CallerRequest, pk: int) -> HttpResponse:
    return change_schedule(request, pk, pause_schedule, "paused")


@helpdesk_required
@post_only
def resume(request: CallerRequest, pk: int) -> HttpResponse:
    return change_schedule(request, pk, resume_schedule, "resumed")


@helpdesk_required
@post_only
def delete(request: CallerRequest, pk: int) -> HttpResponse:
    return change_schedule(request, pk, delete_schedule, "deleted")
