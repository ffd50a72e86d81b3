"""A worker outlives its broker: it tries again within seconds, however long the broker was away.

Celery's own pauses grow to half a minute; meanwhile a healed broker would look as if nobody worked.
"""

import logging
from queue import Empty
from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection
from kombu.transport.redis import Channel, Transport

log = logging.getLogger(__name__)


class PersistentChannel(Channel):
    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        """A channel of a connection that was lost has no address any more. Who still wants something of it,
        as to close it or to acknowledge what came by it, is told so; kombu 5.7 would answer with an
        AttributeError, which ends the worker. What it held comes back when its time is over."""
        if getattr(self.connection, "client", None) is None:
            raise ConnectionError("The connection of this channel was lost.")
        return super()._connparams(asynchronous)

    def _brpop_read(self, **options: Any) -> bool | None:
        """What is no message is dropped. Celery would end the worker, which then waits without end for a
        child that is just being given a long message."""
        try:
            return super()._brpop_read(**options)
        except (ValueError, KeyError, TypeError) as error:
            log.warning("dropped what is no message: %s", type(error).__name__)
            raise Empty from None


class PersistentTransport(Transport):
    Channel = PersistentChannel


class PersistentConnection(Connection):
    def get_transport_cls(self) -> type[PersistentTransport]:
        return PersistentTransport

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Connection:
        pauses = {"interval_start": 1, "interval_step": 1, "interval_max": 2}  # 1, 2, 2, ... seconds
        return super().ensure_connection(*args, **pauses | kwargs)


class PersistentAMQP(AMQP):
    Connection = PersistentConnection
