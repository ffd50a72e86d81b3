"""Is it alive, is it ready: alive asks nobody, ready asks the database and reads heartbeats."""

import ipaddress

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseForbidden

from analytics_gateway.health import read_heartbeats

FRESH_SECONDS = 40


class Alive:
    """Answers /healthz before anything that it could depend on: no session, no database."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        return self.get_response(request)


def is_direct_loopback(request: HttpRequest) -> bool:
    """Straight from this machine, through no proxy."""
    address = request.META.get("REMOTE_ADDR", "")
    return bool(address) and not request.is_forwarded and ipaddress.ip_address(address).is_loopback


def is_database_up() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return False
    return True


def answer_readiness(request: HttpRequest) -> HttpResponse:
    """503 only without the database: ticket pages stay in service while analytics is down."""
    if not is_direct_loopback(request):
        return HttpResponseForbidden("only from this machine\n", content_type="text/plain")
    beats = read_heartbeats()
    state = {
        "db": is_database_up(),
        "broker": beats["broker"],
        "worker": bool(beats["worker"]) and all(is_fresh(age) for age in beats["worker"].values()),
        "beat": is_fresh(beats["beat"]),
    }
    ready = {"status": "ok" if all(state.values()) else "degraded", **state, "ages": beats}
    return JsonResponse(ready, status=200 if state["db"] else 503)


def is_fresh(age: float | None) -> bool:
    return age is not None and age < FRESH_SECONDS
