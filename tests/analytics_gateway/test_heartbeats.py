import time

import pytest

from analytics_gateway.heartbeats import (
    broker_key,
    read_heartbeats,
    write_heartbeats,
    write_process_heartbeat,
)
from analytics_gateway.tasks import reconcile_analyses
from analytics_workers.catalogue import SERVICES
from common.heartbeats import host_heartbeat
from common.service_keys import broker_prefix
from tests.support.brokers import STATES, broker_in

QUEUES = {f"analytics.{service}" for service in SERVICES}


def test_missing_heartbeat_is_reported_per_queue(valkey):
    assert read_heartbeats() == {"broker": True, "worker": dict.fromkeys(QUEUES), "beat": None}


def test_ages_are_seconds_since_the_last_heartbeat(valkey):
    valkey.set(broker_key("heartbeat:worker:analytics.unresolved"), time.time() - 7, ex=20)
    valkey.set(broker_key("heartbeat:worker:analytics.resolution-time"), "nonsense", ex=20)
    write_heartbeats()
    beats = read_heartbeats()
    valkey.delete(
        *(broker_key(f"heartbeat:worker:analytics.{name}") for name in ("unresolved", "resolution-time"))
    )
    assert 7 <= beats["worker"]["analytics.unresolved"] < 8
    assert beats["worker"]["analytics.resolution-time"] is None
    assert 0 <= beats["beat"] < 1


@pytest.mark.django_db
def test_reconciler_writes_a_heartbeat(valkey):
    reconcile_analyses()
    assert 0 < valkey.ttl(broker_key("heartbeat:beat")) <= 30


@pytest.mark.parametrize("part", ["gateway-worker", "beat"])
def test_process_writes_a_heartbeat_for_all_hosts_and_one_for_its_own(valkey, part):
    write_process_heartbeat(part)
    key = broker_key(f"heartbeat:part:{part}")
    assert 0 < valkey.ttl(key) <= 30
    assert 0 < valkey.ttl(host_heartbeat(key)) <= 30


@pytest.mark.parametrize("state", [state for state in STATES if state != "full"])
def test_broker_failure_is_reported_within_a_second(state, settings):
    with broker_in(state) as settings.REDIS_URL:
        began = time.monotonic()
        beats = read_heartbeats()
        assert time.monotonic() - began < 1
    assert beats == {"broker": False, "worker": dict.fromkeys(QUEUES), "beat": None}


@pytest.mark.parametrize("state", STATES)
def test_failed_heartbeat_is_only_logged(state, settings):
    with broker_in(state) as settings.REDIS_URL:
        began = time.monotonic()
        write_heartbeats()
        assert time.monotonic() - began < 1


def test_heartbeats_of_another_site_on_the_same_broker_are_ignored(valkey):
    valkey.set("heartbeat:beat", time.time(), ex=20)
    valkey.set(f"{broker_prefix('of another site')}heartbeat:beat", time.time(), ex=20)
    assert read_heartbeats()["beat"] is None
