"""Page guards: no role leads to the door, the wrong role is refused."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tickets.access import NotAllowed

View = Callable[..., HttpResponse]


def role_required(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.caller is None:
            return redirect("door:door")
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
