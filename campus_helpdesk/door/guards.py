"""Page guards: no role leads to the door, the wrong role is refused."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from campus_helpdesk.problems import SCHEME, problem_page
from tickets.access import NotAllowed, Role

View = Callable[..., HttpResponse]
HOMES = {Role.USER: "portal:list", Role.HELPDESK: "desk:queue"}


UNKNOWN = (
    "The university's sign-on did not say which part you have here. Sign on again in a new window. "
    "If that does not help, tell the people who run the sign-on that this site was sent no role for you."
)


def lead_to_door(request: HttpRequest, *, wanted: str = "") -> HttpResponse:
    """The door; a page that somebody wanted to read is remembered for afterwards.

    Where there is none, because a sign-on names the role: what to do.
    """
    if settings.ROLE_SOURCE == "proxy":
        page = problem_page(request, 401, UNKNOWN, title="You are not signed on")
        page["WWW-Authenticate"] = SCHEME
        return page
    return redirect(reverse("door:door") + (f"?{urlencode({'next': wanted})}" if wanted else ""))


def role_required(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.caller is None:
            return lead_to_door(request, wanted=request.get_full_path() if request.method == "GET" else "")
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
