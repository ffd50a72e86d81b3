"""How long a worker waits before it tries again to reach the broker: seconds, however long it was away.

Celery's own pauses grow to half a minute; meanwhile a healed broker would look as if nobody worked.
"""

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection


class PersistentConnection(Connection):
    def ensure_connection(self, *args: Any, **kwargs: Any) -> Connection:
        pauses = {"interval_start": 1, "interval_step": 1, "interval_max": 2}  # 1, 2, 2, ... seconds
        return super().ensure_connection(*args, **pauses | kwargs)


class PersistentAMQP(AMQP):
    Connection = PersistentConnection
