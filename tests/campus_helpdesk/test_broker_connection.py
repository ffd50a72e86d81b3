import logging
from queue import Empty
from unittest.mock import Mock

import pytest
from celery import Celery
from kombu import Consumer, Queue
from kombu.transport.redis import Channel

from campus_helpdesk.celery import app
from campus_helpdesk.local_stack.valkey_server import Valkey
from common.celery_options import broker_url

BOTH = pytest.mark.parametrize(
    "name", ["common.broker_connection:PersistentAMQP", app.amqp_cls], ids=["analytics", "gateway"]
)


class Enough(Exception):
    pass


@BOTH
def test_missing_broker_is_tried_every_few_seconds(name):
    pauses: list[float] = []

    def note(error: Exception, pause: float) -> None:
        pauses.append(pause)
        if len(pauses) == 3:
            raise Enough

    lonely = Celery("lonely", broker="redis://127.0.0.1:1/0", amqp=name, set_as_current=False)
    with lonely.connection_for_read() as connection, pytest.raises(Enough):
        connection.ensure_connection(note, 100)
    assert pauses == [1, 2, 2]


@BOTH
@pytest.mark.parametrize("error", [ValueError, KeyError, TypeError])
def test_invalid_message_is_dropped_and_logged(name, error, monkeypatch, caplog, tmp_path):
    """Whatever kombu makes of it."""
    with Valkey(tmp_path) as server:
        lonely = Celery("lonely", broker=broker_url(server.url), amqp=name, set_as_current=False)
        with lonely.connection_for_read() as connection:
            monkeypatch.setattr(Channel, "_brpop_read", Mock(side_effect=error))
            with pytest.raises(Empty):
                connection.default_channel._brpop_read()
    assert [record.getMessage() for record in caplog.records] == [
        f"dropped an invalid message: {error.__name__}"
    ]


@BOTH
def test_worker_with_a_message_survives_the_end_of_its_broker(name, tmp_path, caplog):
    """As Celery's consumer does it: two channels listen, one holds a message, `collect`, then `close`. The
    task ends later and is acknowledged."""
    queue, held = Queue("q", routing_key="q"), []
    with Valkey(tmp_path) as server:
        url = server.url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
        lonely = Celery("lonely", broker=url, amqp=name, set_as_current=False)
        connection = lonely.connection_for_read()
        connection.Producer().publish({}, routing_key="q", declare=[queue])
        channels = [connection.default_channel, connection.channel()]
        Consumer(channels[0], [queue], callbacks=[lambda body, message: held.append(message)]).consume()
        connection.drain_events(timeout=5)
        Consumer(channels[1], [queue]).consume()
        with pytest.raises(TimeoutError):
            connection.drain_events(timeout=0.5)
        assert len(held) == 1
        assert all(channel._in_poll for channel in channels)
        server.process.kill()
        server.process.wait()
        known = connection.connection_errors
        connection.collect(socket_timeout=0.1)
        connection.close()
    assert not connection.connected
    held[0].ack_log_error(logging.getLogger("lonely"), known)
    assert [record.getMessage().startswith("Couldn't ack") for record in caplog.records] == [True]
    for channel in channels:  # at its end the process would look for the broker once more
        channel.qos._on_collect.cancel()
