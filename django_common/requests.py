"""Types of requests: what the project's middleware and authentication add to those of Django and DRF."""

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from common.roles import Caller, Role

GetResponse = Callable[[HttpRequest], HttpResponse]  # what a middleware wraps


class CampusRequest(HttpRequest):
    """A request with what the middleware sets. For annotations only: Django makes plain requests.

    is_forwarded: whether a header claims that it was forwarded. address: the visitor's, if it can be trusted.
    signed_on: role and name from the sign-on in front of the site. caller: None without a role.
    new_browser: the token of the browser's own cookie, if the response is to set it; is_browser_forgotten: if
    it is to delete it.
    """

    is_forwarded: bool
    address: str
    signed_on: tuple[Role, str] | None
    is_health_check: bool
    caller: Caller | None
    new_browser: str
    is_browser_forgotten: bool
    htmx: HtmxDetails


class CallerRequest(CampusRequest):
    """The request of a page whose guard requires a role."""

    caller: Caller


def get_caller(request: Request) -> Caller:
    """The caller of the API. The project's authentication puts the caller where DRF's stubs expect a user of
    Django's, and its permission admits no request without one."""
    return cast(Caller, request.user)
