"""A connection to the broker that is restored within seconds, however long the broker was down.

Celery's own pauses grow to half a minute, in which workers would seem to be down although the broker is up.
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
        """A channel whose connection was lost has no address any more. Closing it, or acknowledging a message
        on it, raises this error; kombu 5.7 would raise an AttributeError, which ends the worker. The
        unacknowledged message is redelivered after its visibility timeout."""
        if getattr(self.connection, "client", None) is None:
            raise ConnectionError("The connection of this channel was lost.")
        return super()._connparams(asynchronous)

    def _brpop_read(self, **options: Any) -> bool | None:
        """Drops invalid messages. Celery would end the worker, which then waits forever for a child that is
        just receiving a long message."""
        try:
            return super()._brpop_read(**options)
        except (ValueError, KeyError, TypeError) as error:
            log.warning("dropped an invalid message: %s", type(error).__name__)
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
