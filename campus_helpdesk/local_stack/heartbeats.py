"""Reads the heartbeats of the supervised processes."""

import time
from typing import Any

from redis import Redis, RedisError, ResponseError
from redis.backoff import NoBackoff
from redis.retry import Retry

from analytics_gateway.heartbeats import BEAT, PROCESS_HEARTBEATS
from campus_helpdesk.local_stack.site_socket import SiteSocket
from campus_helpdesk.local_stack.supervisor import print_line
from common.service_keys import broker_prefix


class Heartbeats:
    """broker: REDIS_URL. service_key: that of this installation, which may share the broker."""

    def __init__(self, broker: str, service_key: str, site: SiteSocket):
        self._broker, self._site = broker, site
        self._prefix = broker_prefix(service_key)

    def read(self) -> dict[str, Any]:
        """Of all processes but PostgreSQL, which may be busy for long and is never killed."""
        heartbeats: dict[str, Any] = {"web": time.monotonic() if self._site.is_alive() else None}
        try:
            with self._connect() as client:
                heartbeats |= self._read_heartbeats(client)
            heartbeats["Valkey"] = time.monotonic()
        except ResponseError:  # it is full, or its disk is: it responds, but accepts no heartbeat
            heartbeats["Valkey"] = time.monotonic()
        except RedisError:
            heartbeats["Valkey"] = None
        return heartbeats

    def _read_heartbeats(self, client: Redis) -> dict[str, Any]:
        """Raises RedisError, also if no heartbeat could have been written."""
        client.set(f"{self._prefix}heartbeat:supervisor", time.time(), ex=30)
        values = {
            name: client.mget([self._prefix + key for key in keys])
            for name, keys in PROCESS_HEARTBEATS.items()
        }
        return {name: found if any(found) else None for name, found in values.items()}

    def forget(self) -> None:
        """Deletes heartbeats of an earlier run, which would make this one look ready."""
        keys = [BEAT, *(key for keys in PROCESS_HEARTBEATS.values() for key in keys)]
        try:
            with self._connect() as client:
                client.delete(*(self._prefix + key for key in keys))
        except RedisError as error:
            print_line(
                f"The broker is not responding ({type(error).__name__}): tickets work, analyses wait for it."
            )

    def _connect(self) -> Redis:
        no_retry = Retry(NoBackoff(), 0)
        return Redis.from_url(self._broker, socket_timeout=1, socket_connect_timeout=1, retry=no_retry)
