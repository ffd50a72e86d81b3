"""The time zone of the API is UTC, that of pages the campus's."""

from datetime import UTC

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class ApiTimezoneMiddleware:
    """Programs read moments in UTC, people in campus time."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(UTC if request.path.startswith("/api/") else None):
            return self.get_response(request)
