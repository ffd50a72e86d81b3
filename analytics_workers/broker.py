"""A worker outlives its broker: it tries again within seconds, however long the broker was away.

Celery's own pauses grow to half a minute; meanwhile a healed broker would look as if nobody worked.
"""

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection
from kombu.transport.redis import Channel, Transport


class PersistentChannel(Channel):
    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        """A channel of a connection that was lost has no address any more. Who still wants something of it,
        as to close it or to acknowledge what came by it, is told so; kombu 5.7 would answer with an
        AttributeError, which ends the worker. What it held comes back when its time is over."""
        if getattr(self.connection, "client", None) is None:
            raise ConnectionError("The connection of this channel was lost.")
        return super()._connparams(asynchronous)


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
