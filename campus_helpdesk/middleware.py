"""What every request and every answer goes through, whatever its page."""

import re
from datetime import UTC
from http import HTTPStatus
from math import inf
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseFileResponse

from campus_helpdesk.door.unsent import PREFIX
from campus_helpdesk.problems import problem_page

# Controls, and the surrogates that stand for bytes which are no UTF-8.
UNREADABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
# Of what is pasted into a search: line breaks, tabs and the colours of a terminal stand between words.
UNREADABLE_SEARCH = re.compile("[\x00\ud800-\udfff]")
LONGEST_ADDRESS, LONGEST_HEADER = 32 * 1024, 8 * 1024  # characters
OF_ADDRESSES = ("Referer", "Hx-Current-Url")  # headers that repeat an address
TOO_LARGE = "What your browser sends beside the page's address is too large."
ADVICE = {"Cookie": ["Delete the cookies of this site and of its domain, then load the page again."]}
RESULT_ROUTE = re.compile(r"^/api/v1/analyses/[0-9a-f-]{36}/result/$")
ENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class PreserveRequestMiddleware:
    """A permanent redirect of what was sent is a 308: after a 301 a client asks again with GET, gets its 200,
    and the body is lost. That may be an address without its last slash, or one without TLS."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.MOVED_PERMANENTLY and request.method not in ("GET", "HEAD"):
            response.status_code = HTTPStatus.PERMANENT_REDIRECT
        return response


class Encrypted:
    """In TLS mode no program speaks in the clear. Pages were led to https before they come here."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.IS_TLS and request.path.startswith("/api/") and not request.is_secure():
            return problem_page(request, 403, "Use https: this API does not speak in the clear.")
        return self.get_response(request)


class Limits:
    """What is refused before anybody reads it: too long an address, header or body (the result route takes
    8 MiB with a service's token), control characters in the address, and text that is no UTF-8 in an address
    or a form."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if len(request.get_full_path()) > LONGEST_ADDRESS:
            return problem_page(request, 414, f"An address has {LONGEST_ADDRESS // 1024} KiB at most.")
        if long := find_long_headers(request):
            return problem_page(request, 431, TOO_LARGE, long)
        limit = limit_of(request)
        if read_length(request) > limit:
            return problem_page(request, 413, f"At most {limit // 1024} KiB in one request.")
        if fields := find_unreadable(request.META.get("QUERY_STRING", "")):
            errors = {field: ["Contains characters that no text has."] for field in fields}
            return problem_page(request, 400, "Please check the address.", errors)
        if not is_readable_form(request):
            return problem_page(request, 400, "This form is no UTF-8 text, or was not sent to its end.")
        return self.get_response(request)


def find_long_headers(request: HttpRequest) -> dict[str, list[str]]:
    """What is wrong with each header that is too long."""
    most = {name: LONGEST_ADDRESS if name in OF_ADDRESSES else LONGEST_HEADER for name in request.headers}
    long = {name: len(text) for name, text in request.headers.items() if len(text) > most[name]}
    return {
        name: [f"{size / 1024:.1f} KiB, and {most[name] // 1024} KiB are read.", *ADVICE.get(name, [])]
        for name, size in long.items()
    }


def limit_of(request: HttpRequest) -> int:
    """Whether the token is good is asked before the body is read."""
    has_token = request.headers.get("Authorization", "").lower().startswith("bearer ")
    if has_token and RESULT_ROUTE.match(request.path):
        return settings.RESULT_UPLOAD_MAX_SIZE
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def read_length(request: HttpRequest) -> float:
    """Bytes of the body; a length that is no number is endless."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else inf


def find_unreadable(query: str) -> list[str]:
    """The names of the parameters whose value, or name, no form of ours sends."""
    raw = query.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
    pairs = parse_qsl(raw, keep_blank_values=True, errors="surrogateescape")
    return [
        name
        for name, value in pairs
        if (UNREADABLE_SEARCH if name == "q" else UNREADABLE).search(name + value)
    ]


def is_readable_form(request: HttpRequest) -> bool:
    """No page takes a file: a form is text, and what is no text would be stored as something else."""
    if request.content_type not in (ENCODED, MULTIPART) or RESULT_ROUTE.match(request.path):
        return True
    try:
        (unquote_to_bytes(request.body) if request.content_type == ENCODED else request.body).decode()
    except (UnicodeDecodeError, UnreadablePostError):
        return False
    return True


class SingleFieldsMiddleware:
    """A form with two values for one field is refused: one of them would be dropped without a word."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Who has no role, and is not on the way to one, is led to the entrance first."""
        is_entrance = request.resolver_match is not None and request.resolver_match.namespace == "door"
        has_role = getattr(request, "caller", None) is not None
        if request.path.startswith("/api/") or not (has_role or is_entrance):
            return None
        repeated = [name for name, values in request.POST.lists() if len(values) > 1 and not is_many(name)]
        errors = {name: ["May be given once."] for name in repeated}
        return problem_page(request, 400, "Please check the form.", errors) if errors else None


def is_many(name: str) -> bool:
    """The selected tickets, also in a form that waits in the entrance."""
    return name.removeprefix(PREFIX) == "ticket"


class ProgramTime:
    """Programs read moments in UTC, people in campus time."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(UTC if request.path.startswith("/api/") else None):
            return self.get_response(request)


EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


class Headers:
    """Headers of every answer, whoever gave it; only static files, equal for all, may be stored."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in EVERYWHERE.items():
            response[name] = value
        if not isinstance(response, WhiteNoiseFileResponse):
            response["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["Cookie"])
        return response
