"""A worker outlives its broker: it tries again within seconds, however long the broker was away.

Celery's own pauses grow to half a minute; meanwhile a healed broker would look as if nobody worked.
"""

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection


class PersistentConnection(Connection):
    def ensure_connection(self, *args: Any, **kwargs: Any) -> Connection:
        pauses = {"interval_start": 1, "interval_step": 1, "interval_max": 2}  # 1, 2, 2, ... seconds
        return super().ensure_connection(*args, **pauses | kwargs)

    def maybe_close_channel(self, channel: Any) -> None:
        """Celery first collects a lost connection, then closes it. A channel that `collect` could not close,
        because the broker went in the middle of an answer, has lost its address by then; looking for it would
        end the worker (kombu 5.7). What it held comes back when its time is over."""
        try:
            super().maybe_close_channel(channel)
        except AttributeError:
            if getattr(channel.connection, "client", None) is not None:
                raise


class PersistentAMQP(AMQP):
    Connection = PersistentConnection
