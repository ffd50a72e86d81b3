"""Finds the caller of an action, and refuses one above the limit. Only accepted requests count."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from campus_helpdesk.middleware.throttling.buckets import (
    Permits,
    RateExceeded,
    copy_bucket,
    return_permits,
    take_permits,
)
from django_common.problem_details import problem_page
from django_common.requests import CampusRequest, GetResponse

# Page and API of the same action share one rate.
RULES = {
    "entrance:enter": "entrance",
    "portal:report": "ticket",
    "ticket-list": "ticket",
    "portal:messages": "message",
    "portal:me_too": "message",
    "portal:follow": "message",
    "portal:unfollow": "message",
    "portal:mail": "message",
    "link:mail": "message",
    "desk:messages": "message",
    "link:messages": "message",
    "link:solved": "message",
    "conversation": "message",
    "desk:analytics": "analysis",
    "analyses": "analysis",
    "portal:guess": "typing",  # apart, so that who writes much can still send it
    "portal:similar": "typing",
    "photos:upload": "photo",
    "link:upload": "photo",
    "attachments": "photo",
}

ROLELESS = ("entrance", "link")  # their actions need no role


class ThrottledRequest(CampusRequest):
    permits: Permits


class ThrottlingMiddleware:
    """Outside the session middleware: when a response comes back here, a new session has its key."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: ThrottledRequest) -> HttpResponse:
        request.permits = {}
        response = self.get_response(request)
        if request.permits and response.status_code >= 400:
            return_permits(request.permits)
        elif request.permits and find_rule(request) == "entrance":
            new_session = request.session.session_key or ""
            copy_bucket(session_key(request, "entrance"), key_of("entrance", "session", new_session))
        return response

    def process_view(
        self, request: ThrottledRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        if rule := find_rule(request):
            try:
                request.permits = take_permits(limits_of(request, rule))
            except RateExceeded as refusal:
                return refuse(request, refusal.seconds)
        return None


def find_rule(request: CampusRequest) -> str:
    """The limited action. Empty for all others, and for callers that the view refuses anyway."""
    match = request.resolver_match
    if request.method != "POST" or match is None or not settings.RATE_LIMITS:
        return ""
    rule = RULES.get(match.view_name, "")
    return rule if match.namespace in ROLELESS or request.caller else ""


def limits_of(request: CampusRequest, rule: str) -> dict[str, int]:
    rate = settings.RATES[rule]
    address = key_of(rule, "address", request.address)
    return {session_key(request, rule): rate.session, address: rate.address}


def session_key(request: CampusRequest, rule: str) -> str:
    caller = None if rule == "entrance" else request.caller
    return key_of(rule, "session", caller.session if caller else anonymous_id(request))


def anonymous_id(request: HttpRequest) -> str:
    """Who is at the entrance: the cookie of a session, ended or not, else that of the forms."""
    cookies = request.COOKIES
    return cookies.get(settings.SESSION_COOKIE_NAME) or cookies.get(settings.CSRF_COOKIE_NAME, "")


def key_of(rule: str, kind: str, who: str) -> str:
    """A pseudonym: neither session nor address can be read from a row."""
    return salted_hmac("rates", f"{rule}:{kind}:{who}", algorithm="sha256").hexdigest()


def refuse(request: HttpRequest, seconds: int) -> HttpResponse:
    detail = f"Too many requests within a minute. Wait {seconds} seconds, then send it again."
    page = problem_page(request, 429, detail, title="Too many requests")
    page["Retry-After"] = str(seconds)
    return page
