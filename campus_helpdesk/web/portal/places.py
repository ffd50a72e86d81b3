"""Suggestions for building and room while they are typed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.guards import role_required
from campus_helpdesk.web.shared.place_options import suggest_places
from django_common.requests import CallerRequest


@role_required
@require_safe
def show_options(request: CallerRequest) -> HttpResponse:
    """A part of a page: the lists of both fields."""
    texts = request.GET.get("building", ""), request.GET.get("room", "")
    suggested = suggest_places(*texts, request.caller.role)
    return render(request, "components/_place_options.html", {"suggested": suggested})
