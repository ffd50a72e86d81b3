"""The API uses UTC, pages use the campus time zone."""

from datetime import UTC

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from django_common.requests import GetResponse


class ApiTimezoneMiddleware:
    """Programs read times in UTC, people in campus time."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(UTC if request.path.startswith("/api/") else None):
            return self.get_response(request)
