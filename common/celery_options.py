"""The Celery options of both sides of the queue."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

SOFT_TIME_LIMIT, HARD_TIME_LIMIT = 90, 120  # of a task in seconds: an exception, then a kill
SHARED_OPTIONS: dict[str, Any] = {
    "accept_content": ["json"],
    "broker_channel_error_retry": True,  # a full broker refuses writes; that is no reason to exit
    "broker_connection_retry_on_startup": True,
    "result_serializer": "json",
    "task_acks_late": True,
    "task_ignore_result": True,
    "task_serializer": "json",
    "task_soft_time_limit": SOFT_TIME_LIMIT,
    "task_time_limit": HARD_TIME_LIMIT,
    "timezone": "UTC",
    "worker_disable_prefetch": True,
    "worker_max_tasks_per_child": 200,
    "worker_prefetch_multiplier": 1,
    "worker_soft_shutdown_timeout": 30,
}


def transport_options(prefix: str, *, connect_seconds: float, socket_seconds: float) -> dict[str, Any]:
    """prefix: of all names of this installation in the broker."""
    return {
        "global_keyprefix": prefix,
        "visibility_timeout": 300,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": connect_seconds,
        "socket_timeout": socket_seconds,
    }


def broker_url(redis_url: str) -> str:
    """Celery's own spelling of a Unix socket; any other address stays as it is."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"
