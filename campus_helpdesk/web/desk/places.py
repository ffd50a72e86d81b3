"""The helpdesk's overview of buildings: what may be the same, what is new on tickets, what is kept."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.guards import helpdesk_required, post_only
from common.digits import parse_digits
from common.errors import Invalid
from django_common.requests import CallerRequest
from places.csv_import import FORMAT, read_places
from places.models import MergeProposal, Place
from tickets.place_actions import dismiss_proposal, import_places, keep_places, merge_places

PER_PAGE = 100
MAX_SHOWN = 20


@helpdesk_required
@require_safe
def show_places(request: CallerRequest) -> HttpResponse:
    return render_places(request)


def render_places(request: CallerRequest, refusal: Invalid | None = None) -> HttpResponse:
    buildings = (
        Place.objects.buildings()
        .order_by("name", "id")
        .annotate(number=Count("rooms", filter=Q(rooms__is_active=True)))
    )
    proposals = MergeProposal.objects.filter(is_dismissed=False).select_related("first", "second")
    context: dict[str, Any] = {
        "proposals": proposals[:MAX_SHOWN],
        "written": buildings.filter(is_listed=False, is_active=True)[:PER_PAGE],
        "page": Paginator(buildings.listed(), PER_PAGE).get_page(request.GET.get("page")),
        "format": FORMAT,
        "errors": refusal.errors if refusal else {},
        "lines": request.POST.get("lines", ""),
    }
    return render(request, "desk/places.html", context, status=refusal.status if refusal else 200)


def change_places(request: CallerRequest, change: Callable[[], str]) -> HttpResponse:
    """change: does it and describes what was done."""
    try:
        messages.success(request, change())
    except Invalid as refusal:
        return render_places(request, refusal)
    return redirect("desk:places")


def read_places_of(request: CallerRequest, field: str) -> list[Place]:
    """The chosen places. Raises Invalid."""
    ids = [parse_digits(text, 18) for text in request.POST.getlist(field)]
    places = {place.pk: place for place in Place.objects.filter(pk__in=[pk for pk in ids if pk])}
    if not ids or set(ids) - places.keys():
        raise Invalid({field: ["Choose a place that exists."]})
    return [places[pk] for pk in ids if pk]


@helpdesk_required
@post_only
def merge(request: CallerRequest) -> HttpResponse:
    def change() -> str:
        kept, merged = (read_places_of(request, field)[0] for field in ("kept", "merged"))
        merge_places(kept, merged, by=request.caller)
        return f"{merged} is now part of {kept}. Its tickets follow."

    return change_places(request, change)


@helpdesk_required
@post_only
def dismiss(request: CallerRequest, pk: int) -> HttpResponse:
    proposal = get_object_or_404(MergeProposal.objects.select_related("first", "second"), pk=pk)

    def change() -> str:
        dismiss_proposal(proposal, by=request.caller)
        return f"{proposal.first} and {proposal.second} stay two buildings."

    return change_places(request, change)


@helpdesk_required
@post_only
def keep(request: CallerRequest) -> HttpResponse:
    is_kept = request.POST.get("verdict") != "ignore"

    def change() -> str:
        count = keep_places(read_places_of(request, "place"), by=request.caller, is_active=is_kept)
        done = "kept and suggested to everyone" if is_kept else "not suggested"
        return f"{count} {'place is' if count == 1 else 'places are'} {done}."

    return change_places(request, change)


@helpdesk_required
@post_only
def load(request: CallerRequest) -> HttpResponse:
    def change() -> str:
        file = request.FILES.get("file")
        data = file.read() if file else request.POST.get("lines", "").strip().encode()
        if not data:
            raise Invalid({"file": ["Choose a CSV file, or paste its lines."]})
        count = import_places(read_places(data), by=request.caller)
        return f"{count} place{pluralize(count)} imported."

    return change_places(request, change)
