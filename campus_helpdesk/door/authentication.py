"""Who calls the API: a session of the door, checked against forgery, or a service with a token.

A bad token is refused and never falls back to the session. Any other scheme than Bearer is somebody else's:
a proxy that asks for a password of its own leaves it in the header.
"""

import jwt
from django.conf import settings
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission

from tickets.access import Caller, Role

AUDIENCE = "campus-helpdesk"
LONGEST_LIFE = 120
SCOPES = {"tickets:read", "analysis:write"}


class CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request, reason):
        return reason


class CallerAuthentication(BaseAuthentication):
    """DRF skips the CSRF check while nobody is logged in, and here nobody ever is: this class checks it."""

    def authenticate(self, request):
        scheme, *rest = request.headers.get("Authorization", "").split(maxsplit=1) or [""]
        if scheme.lower() == "bearer":
            return read_token("".join(rest).strip()), None
        caller = request._request.caller
        if caller is None:
            return None
        enforce_csrf(request._request)
        return caller, None

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="campus-helpdesk"'


def enforce_csrf(request) -> None:
    check = CsrfCheck(lambda _: None)
    check.process_request(request)
    reason = check.process_view(request, None, (), {})
    if reason:
        raise PermissionDenied(f"CSRF: {reason}")


def read_token(token: str) -> Caller:
    """The service behind a JWT: HS256 under SERVICE_KEY, one audience, one scope, 120 s at most."""
    if not settings.SERVICE_KEY:
        raise AuthenticationFailed("Services are not let in here.")
    try:
        claims = jwt.decode(
            token,
            settings.SERVICE_KEY,
            algorithms=["HS256"],
            audience=AUDIENCE,
            leeway=30,
            options={"require": ["exp", "iat", "aud", "iss", "scope", "role"]},
        )
    except jwt.PyJWTError as error:
        raise AuthenticationFailed("The token is not valid.") from error
    is_short = 0 < claims["exp"] - claims["iat"] <= LONGEST_LIFE
    if claims["scope"] not in SCOPES or claims["role"] not in Role.values or not is_short:
        raise AuthenticationFailed("The token is not valid.")
    return Caller(
        Role(claims["role"]),
        name=str(claims["iss"]),
        scope=claims["scope"],
        analysis=str(claims.get("analysis", "")),
    )


class DoorPermission(BasePermission):
    """A role is needed; a service is let in only where a view names its scope, a session nowhere there."""

    def has_permission(self, request, view) -> bool:
        if not isinstance(request.user, Caller):
            return False
        return request.user.scope == getattr(view, "scope", "")
