"""What every request and every answer goes through, whatever its page."""

import re
from datetime import UTC
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseFileResponse

from campus_helpdesk.problems import problem_page

CONTROL = re.compile("[\x00-\x1f\x7f]")
RESULT_ROUTE = re.compile(r"^/api/v1/analyses/[0-9a-f-]{36}/result/$")


class Encrypted:
    """In TLS mode no program speaks in the clear. Pages were led to https before they come here."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.IS_TLS and request.path.startswith("/api/") and not request.is_secure():
            return problem_page(request, 403, "Use https: this API does not speak in the clear.")
        return self.get_response(request)


class Limits:
    """What is refused unread: a body over 256 KiB (the services' result route takes 8 MiB), and control
    characters in the address, which no form of ours sends."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if RESULT_ROUTE.match(request.path):
            limit = settings.RESULT_UPLOAD_MAX_SIZE
        if not length.isdigit() or int(length) > limit:
            return problem_page(request, 413, f"At most {limit // 1024} KiB in one request.")
        if fields := find_controls(request.META.get("QUERY_STRING", "")):
            errors = {field: ["Contains characters that no text has."] for field in fields}
            return problem_page(request, 400, "Please check the address.", errors)
        return self.get_response(request)


def find_controls(query: str) -> list[str]:
    """The names of the parameters whose value, or name, holds a control character."""
    return [name for name, value in parse_qsl(query, keep_blank_values=True) if CONTROL.search(name + value)]


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
