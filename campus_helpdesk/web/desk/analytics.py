"""Analyses: request one, watch it work, read the result."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from analytics_gateway.actions import cancel_analysis, request_analysis
from analytics_gateway.errors import TooManyAtOnce, TooManyWaiting
from analytics_gateway.heartbeats import read_heartbeats
from analytics_gateway.models import Analysis, Phase, Pin
from analytics_gateway.result_cache import is_still_current
from analytics_gateway.retention import RETENTION
from analytics_gateway.services import describe_services
from campus_helpdesk.entrance.guards import helpdesk_required, post_only
from campus_helpdesk.entrance.unsent import unsent_fields
from campus_helpdesk.web.desk.analysis_forms import AnalysisForm, format_params, make_forms, read_params
from campus_helpdesk.web.desk.results import describe_result
from campus_helpdesk.web.shared import relative_time
from common.errors import Invalid, Refused
from django_common.problem_details import with_retry_after
from django_common.requests import CallerRequest

MAX_SHOWN = 20


@helpdesk_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_services(request: CallerRequest) -> HttpResponse:
    if request.method != "POST":
        return list_services(request)
    try:
        analysis = request_analysis(
            request.POST.get("service", ""),
            read_params(request.POST),
            by=request.caller,
            is_fresh=bool(request.POST.get("is_fresh")),
        )
    except (Invalid, TooManyAtOnce, TooManyWaiting) as refusal:
        return with_retry_after(list_services(request, refusal), refusal)
    notify_reuse(request, analysis)
    return redirect("desk:analysis", analysis.pk)


def notify_reuse(request: CallerRequest, analysis: Analysis) -> None:
    """A notice if the request returned an existing result; the page itself shows its time."""
    if analysis.is_done and analysis.finished_at:
        computed = relative_time.ago(timezone.now() - analysis.finished_at)
        messages.info(
            request, f"This result was computed {computed}. No ticket has changed since, so it is current."
        )


def list_services(request: CallerRequest, refusal: Refused | None = None) -> HttpResponse:
    errors = refusal.errors if refusal else {}
    services = make_forms(request.POST or unsent_fields(request), errors)
    last_done = Analysis.objects.last_done()
    for form in services:
        form.last_done = last_done.get(form.name)
    context = {
        "services": services,
        "refusal": refusal,
        "errors": errors,
        "problems": find_problems(services),
        "kept_days": RETENTION.days,
        "earlier": with_params_text(Analysis.objects.without_results().filter(is_for_pin=False)[:MAX_SHOWN]),
    }
    return render(request, "desk/analytics.html", context, status=refusal.status if refusal else 200)


def find_problems(services: list[AnalysisForm]) -> list[str]:
    """What prevents analyses at the moment, as messages; tickets never depend on it."""
    heartbeats = read_heartbeats()
    if not heartbeats["broker"]:
        return ["Analyses cannot start: the job queue is not responding."]
    silent = [form.title for form in services if heartbeats["worker"].get(form.queue) is None]
    problems = [f"No worker available for: {', '.join(silent)}."] if silent else []
    if heartbeats["beat"] is None:
        problems.append("The scheduler is not responding: scheduled reports will be late.")
    return problems


def with_params_text(analyses: Iterable[Analysis]) -> list[tuple[Analysis, str]]:
    return [(analysis, format_params(analysis.service, analysis.params)) for analysis in analyses]


@helpdesk_required
@require_safe
def show_analysis(request: CallerRequest, pk: UUID) -> HttpResponse:
    """The whole page, or only its changing part for htmx."""
    analysis = get_object_or_404(Analysis.objects.with_queue_position(), pk=pk)
    metric = next((s["metric"] for s in describe_services() if s["name"] == analysis.service), None)
    context = {
        "analysis": analysis,
        "params_text": format_params(analysis.service, analysis.params),
        "phases": list_phases(analysis),
        "result": describe_result(analysis.result, analysis.pk) if analysis.result else None,
        "has_changed": analysis.is_done and not is_still_current(analysis),
        "metric": metric,
        "pin": Pin.objects.of(analysis).first() if analysis.is_done else None,
    }
    template = "desk/_analysis.html" if request.htmx else "desk/analysis.html"
    return render(request, template, context)


def list_phases(analysis: Analysis) -> list[dict[str, Any]]:
    """The steps of a running analysis: passed, current (with its percentage if known), ahead."""
    current = Phase.values.index(analysis.phase) if analysis.phase else -1
    return [
        {
            "label": label,
            "is_passed": index < current,
            "is_current": index == current,
            "percent": analysis.percent if index == current else None,
        }
        for index, (_, label) in enumerate(Phase.choices)
    ]


@helpdesk_required
@post_only
def cancel(request: CallerRequest, pk: UUID) -> HttpResponse:
    analysis = cancel_analysis(get_object_or_404(Analysis, pk=pk), by=request.caller)
    return redirect("desk:analysis", analysis.pk)
