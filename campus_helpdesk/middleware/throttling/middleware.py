"""Whose deed it is, and what a deed too many is answered. Only what was accepted counts."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from campus_helpdesk.api.problem_details import problem_page
from campus_helpdesk.middleware.throttling.buckets import (
    TooOften,
    copy_window,
    give_back,
    take_places,
)

# Page and API of the same deed share one rate.
DEEDS = {
    "door:enter": "door",
    "portal:report": "ticket",
    "ticket-list": "ticket",
    "portal:messages": "message",
    "desk:messages": "message",
    "conversation": "message",
    "desk:analytics": "analysis",
    "analyses": "analysis",
}


class Rates:
    """Outside the session's middleware: when an answer comes back here, a new session has its key."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.places = {}
        response = self.get_response(request)
        if request.places and response.status_code >= 400:
            give_back(request.places)
        elif request.places and find_deed(request) == "door":
            copy_window(session_key(request, "door"), key_of("door", "session", request.session.session_key))
        return response

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        if deed := find_deed(request):
            try:
                request.places = take_places(limits_of(request, deed))
            except TooOften as refusal:
                return refuse(request, refusal.seconds)
        return None


def find_deed(request: HttpRequest) -> str:
    """The deed that is limited. Empty for all else, and for whom the view turns away before anything."""
    if request.method != "POST" or not settings.RATE_LIMITS:
        return ""
    deed = DEEDS.get(request.resolver_match.view_name, "")
    return deed if deed == "door" or request.caller else ""


def limits_of(request: HttpRequest, deed: str) -> dict[str, int]:
    rate = settings.RATES[deed]
    address = key_of(deed, "address", request.address)
    return {session_key(request, deed): rate.session, address: rate.address}


def session_key(request: HttpRequest, deed: str) -> str:
    return key_of(deed, "session", read_visitor(request) if deed == "door" else request.caller.session)


def read_visitor(request: HttpRequest) -> str:
    """Who stands at the door: the cookie of a session, ended or not, or else that of the forms."""
    cookies = request.COOKIES
    return cookies.get(settings.SESSION_COOKIE_NAME) or cookies.get(settings.CSRF_COOKIE_NAME, "")


def key_of(deed: str, kind: str, who: str) -> str:
    """A pseudonym: neither session nor address can be read from a row."""
    return salted_hmac("rates", f"{deed}:{kind}:{who}", algorithm="sha256").hexdigest()


def refuse(request: HttpRequest, seconds: int) -> HttpResponse:
    detail = f"That was a lot within a minute. Wait {seconds} seconds, then send it again."
    page = problem_page(request, 429, detail, title="A short pause, please")
    page["Retry-After"] = str(seconds)
    return page
