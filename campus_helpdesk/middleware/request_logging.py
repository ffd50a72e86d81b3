"""The outermost middleware: a request's id, its log line and its metrics."""

import logging
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common.json_logging import REQUEST_ID_HEADER, choose_id, log_for_request
from common.roles import Caller
from django_common.request_metrics import count_request
from django_common.requests import GetResponse

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
WARNING_STATUSES = {401, 403, 429}

log = logging.getLogger("campus_helpdesk.requests")


class RequestLogMiddleware:
    """Uses the id in the header, as the workers and a proxy send it, or makes one."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        identifier = choose_id(request.headers.get(REQUEST_ID_HEADER))
        with log_for_request(identifier):
            response = self.get_response(request)
            if not getattr(request, "is_health_check", False):
                log_request(request, response.status_code, time.perf_counter() - began)
        response[REQUEST_ID_HEADER] = identifier
        return response


def log_request(request: HttpRequest, status: int, seconds: float) -> None:
    """Never logs the URL: it contains search terms."""
    method = request.method if request.method in METHODS else "other"
    route = name_route(request)
    count_request(route, method, status, seconds)
    fields = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "role": name_role(request),
    }
    log.log(choose_level(status), "%s %s %d", method, route, status, extra=fields)


def choose_level(status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.WARNING if status in WARNING_STATUSES else logging.INFO


def name_route(request: HttpRequest) -> str:
    """The name in the URLconf; unknown URLs share two names."""
    if request.resolver_match:
        return request.resolver_match.view_name
    return "static" if request.path.startswith(f"/{settings.STATIC_URL.lstrip('/')}") else "none"


def name_role(request: HttpRequest) -> str:
    """user, helpdesk, service, or empty without a role. Reads only what is loaded: isinstance would
    evaluate Django's lazy user, which queries the database, which may be down."""
    if type(user := vars(request).get("user")) is Caller and user.scope:
        return "service"
    caller = vars(request).get("caller")
    return caller.role.value if caller else ""
