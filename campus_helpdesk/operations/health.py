"""Liveness, readiness and metrics, for monitoring.

Liveness checks nothing else. Readiness and metrics check the database and the broker, and respond within two
seconds whatever state these are in. All three come before anything that needs a session, a known host or TLS.
"""

import ipaddress
import secrets
import shutil
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from analytics_gateway.heartbeats import read_heartbeats
from analytics_gateway.statistics import oldest_queued_seconds
from campus_helpdesk.operations.database_probe import query_within_deadline, read_state
from campus_helpdesk.operations.metrics import render_metrics
from common.timeouts import run_in_thread
from django_common.requests import CampusRequest, GetResponse

View = Callable[[CampusRequest], HttpResponse]
FRESH_SECONDS = 12  # workers write a heartbeat every 2 s, the reconciler every 5 s


class HealthMiddleware:
    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: CampusRequest) -> HttpResponse:
        view = ENDPOINTS.get(request.path)
        request.is_health_check = view is not None
        return view(request) if view else self.get_response(request)


def monitors_only(view: View) -> View:
    """Only from this machine, or with the monitoring key."""

    def guarded(request: CampusRequest) -> HttpResponse:
        if is_direct_loopback(request) or has_key(request):
            return view(request)
        return HttpResponse(
            "Forbidden: use localhost or send the monitoring key.\n", status=403, content_type="text/plain"
        )

    return guarded


def is_direct_loopback(request: CampusRequest) -> bool:
    """Directly from this machine, through no proxy."""
    address = request.META.get("REMOTE_ADDR", "")
    return bool(address) and not request.is_forwarded and ipaddress.ip_address(address).is_loopback


def has_key(request: CampusRequest) -> bool:
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.MONITOR_KEY}"
    return bool(settings.MONITOR_KEY) and secrets.compare_digest(given.encode(), expected.encode())


def healthz(request: CampusRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@monitors_only
def readyz(request: CampusRequest) -> HttpResponse:
    """503 only without the database: ticket pages stay in service while analytics is down, and read-only
    pages while the database accepts no changes."""
    ready = read_readiness()
    return JsonResponse(ready, status=200 if ready["db"] else 503)


@monitors_only
def metrics_page(request: CampusRequest) -> HttpResponse:
    return HttpResponse(render_metrics(), content_type=CONTENT_TYPE_LATEST)


def read_readiness() -> dict[str, Any]:
    """beat_age and oldest_queued_s in seconds, disk_free in bytes; None if unknown.

    All are read in parallel, so that it takes no longer than the slowest of them.
    """
    database_check = run_in_thread(lambda: query_within_deadline(read_state))
    oldest_check = run_in_thread(lambda: query_within_deadline(oldest_queued_seconds))
    heartbeats = read_heartbeats()
    database = database_check.result()
    state = {
        "db": database is not None,
        "db_writable": database and database.is_writable,
        "db_intact": database and database.is_intact,
        "broker": heartbeats["broker"],
        "worker": all(is_fresh(age) for age in heartbeats["worker"].values()),
        "beat": is_fresh(heartbeats["beat"]),
    }
    return {
        "status": "ok" if all(state.values()) else "degraded",
        **state,
        "beat_age": heartbeats["beat"],
        "oldest_queued_s": oldest_check.result(),
        "disk_free": read_free_space(settings.DATA_FOLDER),
        "ages": heartbeats,
    }


def read_free_space(directory: str) -> int | None:
    """In bytes; None if there is no such directory, which must not make a working site look down."""
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return None


def is_fresh(age: float | None) -> bool:
    return age is not None and age < FRESH_SECONDS


ENDPOINTS = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics_page}
