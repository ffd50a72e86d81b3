"""Page guards: without a role the entrance, with the wrong role a refusal."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from campus_helpdesk.entrance.unsent import forget_unsent, read_unsent
from common.errors import NotAllowed
from common.roles import Role
from django_common.problem_details import SCHEME, problem_page
from django_common.requests import CallerRequest, CampusRequest

View = Callable[..., HttpResponse]
HOME_VIEWS = {Role.USER: "portal:list", Role.HELPDESK: "desk:queue"}
FIRST_VIEWS = HOME_VIEWS | {Role.USER: "portal:report"}  # after the entrance


ROLE_MISSING = (
    "The university's sign-on did not provide a role for this site. Sign on again in a new window. If that "
    "does not help, tell the sign-on's administrators that no role was sent to this site."
)


def redirect_to_entrance(
    request: CampusRequest, *, next_url: str | None = None, status: int = 401
) -> HttpResponse:
    """The entrance, with the page to return to (or `next_url` instead) and the form that was sent.

    With a sign-on there is no entrance: an explanation instead.
    """
    if settings.ROLE_SOURCE == "proxy":
        return with_auth_scheme(problem_page(request, 401, ROLE_MISSING, title="You are not signed on"))
    next_url = current_page(request) if next_url is None else next_url
    form = read_unsent(request)
    if status != 401 or (form.fields and not request.htmx):
        context = {"values": {"next": next_url}, "unsent": form}
        return with_auth_scheme(render(request, "entrance/entrance.html", context, status=status))
    return redirect(
        reverse("entrance:choose_role") + (f"?{urlencode({'next': next_url})}" if next_url else "")
    )


def with_auth_scheme(page: HttpResponse) -> HttpResponse:
    page["WWW-Authenticate"] = SCHEME
    return page


def current_page(request: CampusRequest) -> str:
    """The current page: the requested one, or the one whose form was sent, according to its header."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    sender = urlsplit(request.headers.get("Referer", ""))
    if sender.netloc != request.get_host():
        return request.POST.get("next", request.path) if request.POST else ""
    return sender.path + (f"?{sender.query}" if sender.query else "")


def post_only(view: View) -> View:
    """A view that only accepts forms: there is no page at its address."""
    wrapped = require_POST(view)
    vars(wrapped)["is_action"] = True  # the guards copy it to what they make of the view
    return wrapped


def role_required(view: View) -> View:
    @wraps(view)
    def guarded(request: CampusRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.caller is None:
            return redirect_to_entrance(request)
        if request.method == "POST":
            forget_unsent(request)
        return view(request, *args, **kwargs)

    return guarded


def helpdesk_required(view: View) -> View:
    @wraps(view)
    @role_required
    def guarded(request: CallerRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.caller.is_helpdesk:
            raise NotAllowed("This page is for the helpdesk only.")
        return view(request, *args, **kwargs)

    return guarded
