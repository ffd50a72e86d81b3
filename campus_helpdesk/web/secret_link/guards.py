"""Who may open a secret link's pages: whoever knows the secret. For all others they are missing."""

from collections.abc import Callable
from functools import wraps
from typing import cast
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

from common.roles import Caller, Role
from tickets.following.models import SecretLink
from tickets.following.queries import find_by_secret

LinkView = Callable[..., HttpResponseBase]  # of a request, its SecretLink, the secret, more of the address
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
HEADERS = {"X-Robots-Tag": "noindex, nofollow"}


class LinkCsrfMiddleware(CsrfViewMiddleware):
    """A page without a referrer sends its forms with `Origin: null`. Then the browser itself says whether
    they come from this site, in a header that no page can set."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        is_own = request.headers.get("Sec-Fetch-Site") == "same-origin"
        if request.headers["Origin"] == "null":
            return is_own
        is_verified: bool = super()._origin_verified(request)  # type: ignore[misc]  # the stubs lack it
        return is_verified


csrf_protected = decorator_from_middleware(LinkCsrfMiddleware)


def link_holder(link: SecretLink) -> Caller:
    """Who holds the reporter's link speaks as the reporter, in a session of its own; a follower without a
    name."""
    name = link.ticket.opener_name if link.is_reporters else ""
    return Caller(Role.USER, name=name, session=link.holder_session)


def referrer_policy(request: HttpRequest) -> str:
    """None at all where browsers say by themselves from where a form comes: over https and on this machine.
    Elsewhere only other sites get none, or forms could not be told from forged ones."""
    is_local = urlsplit(f"//{request.get_host()}").hostname in LOCAL_HOSTS
    return "no-referrer" if request.is_secure() or is_local else "same-origin"


def link_required(view: LinkView) -> Callable[..., HttpResponse]:
    """Finds the link; the page is not indexed and its address reaches no other page as a referrer."""

    @wraps(view)
    def guarded(request: HttpRequest, secret: str, **parts: object) -> HttpResponseBase:
        link = find_by_secret(secret)
        if link is None:
            raise Http404
        response = view(request, link, secret, **parts)
        for name, value in HEADERS.items():
            response[name] = value
        response["Referrer-Policy"] = referrer_policy(request)
        return response

    return cast(Callable[..., HttpResponse], csrf_exempt(csrf_protected(guarded)))
