import pytest
from celery import current_app
from django.conf import settings
from kombu import pools
from redis import Redis

from analytics_gateway.heartbeats import BEAT, named
from analytics_gateway.queue import breaker
from analytics_workers.catalogue import CARDS


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
    redis.delete(*(named(key) for key in [*(card.queue for card in CARDS.values()), BEAT]))
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
