"""The caller of the API: a session of the entrance, checked against forgery, or a service with a token.

A bad token is refused and never falls back to the session. Any other scheme than Bearer is ignored: a proxy
with its own password leaves it in the header.
"""

from collections.abc import Iterable
from typing import NoReturn, cast

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAcceptable, NotAuthenticated, PermissionDenied
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from analytics_gateway.tokens import READ_SCOPE, TokenRefused, read_claims
from common.roles import Caller, Role
from django_common.problem_details import SCHEME
from django_common.requests import CampusRequest


class CsrfCheck(CsrfViewMiddleware):
    """Refuses as the API does."""

    def _reject(self, request: HttpRequest, reason: str) -> NoReturn:
        raise PermissionDenied(f"CSRF: {reason}")


class CallerAuthentication(BaseAuthentication):
    """DRF skips the CSRF check for requests without a Django user, here all requests: this class does it."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        scheme, *rest = request.headers.get("Authorization", "").split(maxsplit=1) or [""]
        if scheme.lower() == "bearer":
            return read_token("".join(rest).strip()), None
        caller = cast(CampusRequest, request._request).caller
        if caller is None:
            return None
        enforce_csrf(request._request)
        return caller, None

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


def enforce_csrf(request: HttpRequest) -> None:
    """Raises PermissionDenied."""
    check = CsrfCheck(never_called)
    check.process_request(request)
    check.process_view(request, never_called, (), {})


def never_called(request: HttpRequest) -> HttpResponse:
    """The check needs a view, but does not call it."""
    return HttpResponse()


def read_token(token: str) -> Caller:
    """The service behind a token."""
    try:
        claims = read_claims(token)
        role = Role(claims.role)
    except (TokenRefused, ValueError) as error:
        raise AuthenticationFailed("The token is invalid.") from error
    return Caller(role, name=claims.issuer, scope=claims.scope, analysis=claims.analysis)


class RoleFirstNegotiation(DefaultContentNegotiation):
    """An unavailable format is reported to callers with a role only: 401 comes before 406."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            if request.authenticators and request.user is None:
                raise NotAuthenticated from None
            raise


class CallerPermission(BasePermission):
    """A role is required. A service is admitted only if a view names its scope, and a session is not admitted
    there.

    A token with the read scope allows no other method than reading, whatever a view accepts.
    """

    def has_permission(self, request: Request, view: object) -> bool:
        caller: object = request.user
        if not isinstance(caller, Caller):
            return False
        if caller.scope == READ_SCOPE and request.method not in ("GET", "HEAD"):
            return False
        return caller.scope == getattr(view, "scope", "")
