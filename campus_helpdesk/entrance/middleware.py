"""The caller of a request: the role chosen at the entrance, or given by the sign-on in front of the site.

It is stored in the server-side session, whose pseudonym separates the tickets, drafts and keys of callers.
"""

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from campus_helpdesk.entrance import browsers
from common.roles import Caller, Role
from django_common.requests import CampusRequest, GetResponse


def read_caller(request: HttpRequest) -> Caller | None:
    """The caller of a request, None without a role. The pseudonym is not the key and cannot be turned into
    it."""
    role = request.session.get("role")
    if role not in list(Role):
        return None
    key = request.session.session_key or ""
    pseudonym = hashlib.sha256(f"pseudonym:{key}".encode()).hexdigest()[:32]
    browser = browsers.digest_browser(browsers.read_browser(request))
    return Caller(Role(role), name=request.session.get("name", ""), session=pseudonym, browser=browser)


def open_session(request: HttpRequest, role: Role, name: str) -> None:
    """A new session: new key, new CSRF token, no data of the old one."""
    request.session.flush()
    request.session["role"], request.session["name"] = role.value, name
    rotate_token(request)


def read_sign_on_caller(request: CampusRequest) -> Caller | None:
    """The sign-on's data of this request: a role or name that differs from the session's opens a new one."""
    if request.signed_on is None:
        return None
    role, name = request.signed_on
    if (request.session.get("role"), request.session.get("name")) != (role.value, name):
        open_session(request, role, name)
        request.session.save()  # the pseudonym needs the key now
    return read_caller(request)


class RoleMiddleware:
    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: CampusRequest) -> HttpResponse:
        find = read_sign_on_caller if settings.ROLE_SOURCE == "proxy" else read_caller
        request.caller, request.new_browser, request.is_browser_forgotten = find(request), "", False
        response = self.get_response(request)
        browsers.write_cookie(request, response)
        return response
