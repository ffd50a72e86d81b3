"""Real brokers that fail in different ways, in which nothing may hang."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from celery import current_app
from django.conf import settings
from kombu import pools
from redis import Redis

from analytics_gateway.heartbeats import BEAT, broker_key
from analytics_gateway.queue import breaker
from analytics_workers.catalogue import SERVICES
from campus_helpdesk.local_stack.valkey_server import free_port
from tests.support.own_valkey import own_valkey

STATES = ["refused", "hung", "stopped", "full", "password", "unknown"]


@contextmanager
def broker_in(state: str) -> Iterator[str]:
    """The address of a broker in this state."""
    with ExitStack() as stack:
        if state == "refused":
            yield f"redis://127.0.0.1:{free_port()}/0"
        elif state == "unknown":
            yield "redis://no-such-broker.invalid:6379/0"
        elif state == "hung":
            silent = stack.enter_context(socket.socket())
            silent.bind(("127.0.0.1", 0))
            silent.listen(64)
            yield f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        elif state == "password":
            port, _ = stack.enter_context(own_valkey("--requirepass", "secret"))
            yield f"redis://:wrong@127.0.0.1:{port}/0"
        elif state == "full":
            port, _ = stack.enter_context(own_valkey("--maxmemory", "1", "--maxmemory-policy", "noeviction"))
            yield f"redis://127.0.0.1:{port}/0"
        elif state == "stopped":
            port, process = stack.enter_context(own_valkey())
            os.kill(process.pid, signal.SIGSTOP)
            yield f"redis://127.0.0.1:{port}/0"


def point_celery_at(url: str) -> None:
    """Lets this process publish to another broker; open connections to the last one are dropped."""
    current_app.conf.broker_url = url
    current_app.conf.broker_read_url = current_app.conf.broker_write_url = url
    pools.reset()
    current_app._pool = None
    current_app.amqp._producer_pool = None


@pytest.fixture
def valkey():
    """The broker of the test run, without messages, read as it is."""
    redis = Redis.from_url(settings.REDIS_URL)
    redis.delete(
        *(broker_key(key) for key in [*(definition.queue for definition in SERVICES.values()), BEAT])
    )
    breaker.reset()
    yield redis
    breaker.reset()
    redis.close()


@pytest.fixture
def broker_at(valkey):
    """Points this process at another broker until the test ends."""
    yield point_celery_at
    point_celery_at(settings.CELERY_BROKER_URL)
    breaker.reset()
