"""Heartbeats in Redis, written by the processes themselves. Read within 1 s, whatever state Redis is in."""

import logging
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from analytics_workers.catalogue import SERVICES
from common.heartbeats import host_heartbeat
from common.timeouts import run_within

DEADLINE = 0.7  # seconds
SOCKET_TIMEOUT = 0.6  # seconds
BEAT = "heartbeat:beat"  # written when the reconciler has run, which needs beat and the gateway's worker
WORKERS = [f"heartbeat:worker:{definition.queue}" for definition in SERVICES.values()]
# Keys of the processes themselves, independent of their tasks.
PROCESS_HEARTBEATS = {name: [f"heartbeat:part:{name}"] for name in ("gateway-worker", "beat")} | {
    "analytics-worker": WORKERS
}
KEY_SECONDS = 30

log = logging.getLogger(__name__)


def read_heartbeats() -> dict[str, Any]:
    """`broker`: whether Redis answers; `worker`: seconds since the last heartbeat of each queue's worker,
    None if there is none; `beat`: the same for the reconciler's last run."""
    queues = [definition.queue for definition in SERVICES.values()]
    try:
        moments = run_within(DEADLINE, lambda: read_moments([*WORKERS, BEAT]))
    except (RedisError, OSError):
        return {"broker": False, "worker": dict.fromkeys(queues), "beat": None}
    *workers, beat = map(age, moments)
    return {"broker": True, "worker": dict(zip(queues, workers, strict=True)), "beat": beat}


def write_heartbeats(keys: Sequence[str] = (BEAT,)) -> None:
    """Records that the reconciler has run, or a heartbeat under other keys. A broker that is down is only
    logged."""
    try:
        run_within(DEADLINE, lambda: write_moment(keys))
    except (RedisError, OSError) as error:
        log.warning("could not write heartbeat: %s", type(error).__name__)


def write_process_heartbeat(process: str) -> None:
    """The heartbeat of a process, independent of its tasks: one for all hosts, and one for this host."""
    (key,) = PROCESS_HEARTBEATS[process]
    write_heartbeats([key, host_heartbeat(key)])


def broker_key(key: str) -> str:
    """Its key in the broker."""
    return settings.BROKER_PREFIX + key


def age(moment: bytes | None) -> float | None:
    """Seconds since a time written by the writer's clock; None if it is not readable."""
    try:
        return max(0.0, time.time() - float(moment or b""))
    except ValueError:
        return None


def read_moments(keys: list[str]) -> list[bytes | None]:
    with connect() as redis:
        return redis.mget([broker_key(key) for key in keys])


def write_moment(keys: Sequence[str]) -> None:
    with connect() as redis:
        for key in keys:
            redis.set(broker_key(key), time.time(), ex=KEY_SECONDS)


def connect() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=SOCKET_TIMEOUT,
        socket_timeout=SOCKET_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
