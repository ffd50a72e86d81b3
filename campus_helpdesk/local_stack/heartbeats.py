"""How the supervisor learns which of its processes are alive."""

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
        """Of all processes but PostgreSQL, which may have reasons to be silent and is not stopped by us."""
        signs: dict[str, Any] = {"web": time.monotonic() if self._site.is_alive() else None}
        try:
            with self._connect() as client:
                signs |= self._read_heartbeats(client)
            signs["Valkey"] = time.monotonic()
        except ResponseError:  # it is full, or its disk is: it answers, but accepts no heartbeat
            signs["Valkey"] = time.monotonic()
        except RedisError:
            signs["Valkey"] = None
        return signs

    def _read_heartbeats(self, client: Redis) -> dict[str, Any]:
        """Raises RedisError, also if nobody could have written a heartbeat."""
        client.set(f"{self._prefix}heartbeat:supervisor", time.time(), ex=30)
        moments_by_part = {
            part: client.mget([self._prefix + key for key in keys])
            for part, keys in PROCESS_HEARTBEATS.items()
        }
        return {part: moments if any(moments) else None for part, moments in moments_by_part.items()}

    def forget(self) -> None:
        """A worker of an earlier run must not make this one look ready. A missing broker has no
        heartbeats."""
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
