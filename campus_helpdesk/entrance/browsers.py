"""The browser of a caller, known by a cookie of its own that outlives the session.

The cookie is set only when a ticket is reported or followed or a photo is uploaded. It identifies no person
and gives no role.
"""

import hashlib
import re
import secrets
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_common.requests import CallerRequest, CampusRequest

LIFETIME = 90 * 24 * 3600  # seconds
TOKEN_BYTES = 16
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")  # so many characters that encode 128 bits


def read_browser(request: HttpRequest) -> str:
    """The browser's token; empty without a valid cookie."""
    token = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    return token if TOKEN.fullmatch(token) else ""


def digest_browser(token: str) -> str:
    """What is stored of a token: its SHA-256, empty without a token."""
    return hashlib.sha256(token.encode()).hexdigest() if token else ""


def remember_browser(request: CallerRequest) -> None:
    """Gives the caller a browser, a new one if needed. If the request succeeds, its response sets the cookie
    for another 90 days."""
    request.new_browser = read_browser(request) or secrets.token_urlsafe(TOKEN_BYTES)
    request.caller = replace(request.caller, browser=digest_browser(request.new_browser))


def forget_browser(request: CallerRequest) -> None:
    """The response deletes the cookie."""
    request.is_browser_forgotten = True


def write_cookie(request: CampusRequest, response: HttpResponse) -> None:
    """What the view wants of the cookie, unless it refused the request."""
    if request.is_browser_forgotten:
        response.delete_cookie(settings.BROWSER_COOKIE_NAME)
    elif request.new_browser and response.status_code < 400:
        response.set_cookie(
            settings.BROWSER_COOKIE_NAME,
            request.new_browser,
            LIFETIME,
            samesite="Lax",
            httponly=True,
            secure=settings.IS_TLS,
        )
