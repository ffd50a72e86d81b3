"""Redirects keep the method and the body of a request."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse


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
