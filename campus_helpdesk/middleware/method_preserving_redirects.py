"""Redirects keep the method and the body of a request."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from django_common.requests import GetResponse


class MethodPreservingRedirectMiddleware:
    """Redirects unsafe requests with 308: after a 301 a client repeats them with GET, gets a 200, and the
    body is lost. This concerns URLs without their last slash, or without TLS."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.MOVED_PERMANENTLY and request.method not in ("GET", "HEAD"):
            response.status_code = HTTPStatus.PERMANENT_REDIRECT
        return response
