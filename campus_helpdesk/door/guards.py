"""Page guards: no role leads to the door, the wrong role is refused."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tickets.access import NotAllowed

View = Callable[..., HttpResponse]


def lead_to_door(request: HttpRequest) -> HttpResponse:
    """The door; a page that somebody wanted to read is remembered for afterwards."""
    wanted = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
    return redirect(reverse("door:door") + wanted)


def role_required(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.caller is None:
            return lead_to_door(request)
        return view(request, *args, **kwargs)

    return guarded


def helpdesk_required(view: View) -> View:
    @wraps(view)
    @role_required
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.caller.is_helpdesk:
            raise NotAllowed("This page is the helpdesk's.")
        return view(request, *args, **kwargs)

    return guarded
