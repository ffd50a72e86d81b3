"""Pinned analyses: above the queue, and on a page of their own.

Reading requests nothing: the last results are shown. Only a POST requests updates, and it returns at once; a
pin that waits for a newer result polls.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseStopPolling

from analytics_gateway import pins
from analytics_gateway.errors import TooManyPins
from analytics_gateway.models import Analysis, Pin
from campus_helpdesk.entrance.guards import helpdesk_required, post_only
from campus_helpdesk.web.desk.analysis_forms import format_params
from campus_helpdesk.web.desk.queue import next_url
from common.formatting import format_number
from django_common.requests import CallerRequest


@helpdesk_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_pinned(request: CallerRequest) -> HttpResponse:
    """GET shows the last results, POST requests newer ones; htmx gets the pins only."""
    if request.method != "POST":
        return list_pins(request)
    updates = pins.refresh_pins(by=request.caller)
    if not request.htmx:
        return redirect("desk:pinned")
    return list_pins(request, {analysis.pk for analysis in updates if analysis.is_done})


def list_pins(request: CallerRequest, unchanged: Iterable[Any] = ()) -> HttpResponse:
    """unchanged: the results that would be the same now."""
    described = describe_pins(Pin.objects.answered())
    for pinned in described:
        pinned["is_unchanged"] = pinned["done"] is not None and pinned["done"].pk in unchanged
    context = {
        "pins": described,
        "is_unfinished": any(pinned["is_unfinished"] for pinned in described),
        "next": current_page(request),
        "max_pins": pins.MAX_PINS,
    }
    return render(request, "desk/_pins.html" if request.htmx else "desk/pinned.html", context)


def current_page(request: CallerRequest) -> str:
    """The page that shows the pins, to return to; empty if the header names no address."""
    if not request.htmx:
        return request.path
    try:
        return request.htmx.current_url_abs_path or ""
    except ValueError:
        return ""


def describe_pins(rows: Iterable[Pin]) -> list[dict[str, Any]]:
    found = list(rows)
    wanted = {pk for pin in found for pk in (pin.newest_id, pin.done_id) if pk}
    analyses = Analysis.objects.in_bulk(wanted)
    done = {pk: analysis for pk, analysis in analyses.items() if analysis.is_done}
    return [describe_pin(pin, analyses.get(pin.newest_id), done.get(pin.done_id)) for pin in found]


def describe_pin(pin: Pin, newest: Analysis | None, done: Analysis | None) -> dict[str, Any]:
    """newest: requested last, perhaps still unfinished; done: the last one with a result."""
    result = done.result if done else None
    headline = result and result["headline"]
    return {
        "pin": pin,
        "params_text": format_params(pin.service, pin.params),
        "done": done,
        "newest": newest,
        "is_unfinished": newest is not None and not newest.is_final,
        "has_failed": newest is not None and newest.is_final and not newest.is_done,
        "number": format_number(headline["value"]) if headline else "",
        "label": headline["label"] if headline else result["title"] if result else "",
        "alt_text": result["alt_text"] if result else "",
    }


@helpdesk_required
@require_safe
def show_pin(request: CallerRequest, pk: int) -> HttpResponse:
    """For the poll of one pin: 204 while its analysis is unfinished, then the pin."""
    if not request.htmx:
        return redirect("desk:pinned")
    described = describe_pins(Pin.objects.answered().filter(pk=pk))
    if not described:
        return HttpResponseStopPolling()
    if described[0]["is_unfinished"]:
        return HttpResponse(status=204)
    return render(request, "desk/_pin.html", {"pinned": described[0], "next": current_page(request)})


@helpdesk_required
@post_only
def pin(request: CallerRequest, pk: UUID) -> HttpResponse:
    analysis = get_object_or_404(Analysis.objects.defer("result"), pk=pk)
    try:
        pinned = pins.pin_analysis(analysis.service, analysis.params, by=request.caller)
        messages.success(request, f"{pinned.title} is pinned and shown above the queue.")
    except TooManyPins as refusal:
        messages.warning(request, refusal.detail)
    return redirect("desk:analysis", analysis.pk)


@helpdesk_required
@post_only
def unpin(request: CallerRequest, pk: int) -> HttpResponse:
    pinned = get_object_or_404(Pin, pk=pk)
    pins.unpin(pinned, by=request.caller)
    messages.success(request, f"{pinned.title} is no longer pinned.")
    return redirect(next_url(request))
