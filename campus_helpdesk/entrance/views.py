"""Entering with a role, leaving, light or dark. There is no account and no password."""

from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from campus_helpdesk.entrance.guards import FIRST_VIEWS, View
from campus_helpdesk.entrance.middleware import open_session
from campus_helpdesk.entrance.themes import remember_theme
from campus_helpdesk.entrance.unsent import UnsentForm, read_carried_form, store_unsent
from common.errors import Invalid
from common.roles import Role
from django_common.text_validation import MAX_NAME_LENGTH, clean_line, fold_line

AREAS = {Role.USER: ("portal",), Role.HELPDESK: ("portal", "desk", "admin")}
ADMIN_PREFIX = "/admin/"
NOT_SENT_YET = "Your session had ended. Your text has been restored but not sent yet."
NOT_DONE_YET = "Your session had ended, so nothing was changed. Press the button again."
NOT_SENT = "Your session had ended, so this was not sent. Copy what you still need."


def entrance_only(view: View) -> View:
    """With a sign-on there is no entrance at which to choose a role."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if settings.ROLE_SOURCE != "door":
            raise Http404
        return view(request)

    return guarded


@entrance_only
@require_safe
def show_entrance(request: HttpRequest) -> HttpResponse:
    return render(request, "entrance/entrance.html", {"values": {"next": request.GET.get("next", "")}})


@entrance_only
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """A new session with the chosen role."""
    try:
        role, name = read_role(request), read_name(request)
    except Invalid as refusal:
        context = {"values": request.POST, "errors": refusal.errors, "unsent": read_carried_form(request)}
        return render(request, "entrance/entrance.html", context, status=refusal.status)
    open_session(request, role, name)
    target = next_page(request, role)
    if carried := read_carried_form(request):
        restore_form(request, carried, target)
    return redirect(target or FIRST_VIEWS[role])


def restore_form(request: HttpRequest, form: UnsentForm, target: str) -> None:
    """Passes the form that was sent without a session to the page that can send it again; elsewhere its
    texts are shown for copying."""
    store_unsent(request, form)
    if not target or target.startswith(ADMIN_PREFIX) or (form.texts and is_action(form.address)):
        messages.warning(request, "\n".join([NOT_SENT, *(f"{name}: {text}" for name, text in form.texts)]))
    else:
        messages.info(request, NOT_SENT_YET if form.texts else NOT_DONE_YET)


def next_page(request: HttpRequest, role: Role) -> str:
    """The page that led to the entrance, or to which its action belongs; empty if it is not on this site or
    not for this role."""
    target = request.POST.get("next", "")
    if not is_local_url(target):
        return ""
    if is_action(target):
        target = next(filter(find_area, parent_addresses(target)), "")
    return target if find_area(target) in AREAS[role] else ""


def parent_addresses(target: str) -> list[str]:
    """The addresses above one, the nearest first: `/desk/`, `/` for `/desk/move/`."""
    *names, _ = urlsplit(target).path.strip("/").split("/")
    return ["/".join(["", *names[:count], ""]) for count in range(len(names), -1, -1)]


def find_match(target: str) -> ResolverMatch | None:
    try:
        return resolve(urlsplit(target).path)
    except (Resolver404, ValueError):
        return None


def is_action(target: str) -> bool:
    match = find_match(target)
    return match is not None and hasattr(match.func, "is_action")


def find_area(target: str) -> str:
    """The part of the site to which this page belongs; empty if it is not a page."""
    match = find_match(target)
    return match.namespace if match and not is_action(target) else ""


def is_local_url(target: str) -> bool:
    return target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)


def read_role(request: HttpRequest) -> Role:
    role = request.POST.get("role", "")
    if role not in list(Role):
        raise Invalid({"role": ["Choose one of the two roles."]})
    return Role(role)


def read_name(request: HttpRequest) -> str:
    """One line, may be empty."""
    return clean_line("name", fold_line(request.POST.get("name", "")), limit=MAX_NAME_LENGTH)


@entrance_only
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    rotate_token(request)
    return redirect("entrance:choose_role")


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    response = redirect(target if is_local_url(target) else "/")
    remember_theme(response, request.POST.get("theme", ""))
    return response
