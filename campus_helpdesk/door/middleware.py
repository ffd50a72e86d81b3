"""Who is calling: the role that was chosen at the door, kept in the server-side session."""

import hashlib

from django.http import HttpRequest, HttpResponse

from tickets.access import Caller, Role


def read_caller(request: HttpRequest) -> Caller | None:
    """The caller of a request, None before the door. The pseudonym is not the key and cannot become it."""
    role = request.session.get("role")
    if role not in Role.values:
        return None
    key = request.session.session_key or ""
    pseudonym = hashlib.sha256(f"pseudonym:{key}".encode()).hexdigest()[:32]
    return Caller(Role(role), name=request.session.get("name", ""), session=pseudonym)


class RoleMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.caller = read_caller(request)
        return self.get_response(request)
