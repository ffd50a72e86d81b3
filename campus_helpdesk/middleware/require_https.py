"""Refuses API requests without HTTPS."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_common.problem_details import problem_page
from django_common.requests import GetResponse


class RequireHttpsMiddleware:
    """In TLS mode the API requires https. Pages have been redirected before they come here."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.IS_TLS and request.path.startswith("/api/") and not request.is_secure():
            return problem_page(request, 403, "HTTPS is required.")
        return self.get_response(request)
