"""The health checks of the containers, run as Docker runs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from campus_helpdesk.embedded.valkey import Valkey

HEALTH = Path(__file__).parents[2] / "deploy" / "health.py"


@pytest.fixture
def broker(tmp_path):
    with Valkey(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        yield server.url, client


def exit_code(what: str, url: str, queues: str = "") -> int:
    environment = {"PATH": os.environ["PATH"], "REDIS_URL": url, "QUEUES": queues}
    return subprocess.run([sys.executable, HEALTH, what], env=environment, check=False).returncode


def test_analytics_container_is_healthy_while_all_its_queues_are_served(broker):
    url, client = broker
    client.set("heartbeat:worker:analytics.unresolved", 1, ex=20)
    assert exit_code("queues", url, "analytics.unresolved") == 0
    assert exit_code("queues", url, "analytics.unresolved,analytics.resolution-time") == 1


def test_beat_container_is_healthy_while_its_tick_is_run(broker):
    url, client = broker
    assert exit_code("beat", url) == 1
    client.set("heartbeat:beat", 1, ex=20)
    assert exit_code("beat", url) == 0


def test_container_without_its_broker_is_not_healthy(tmp_path):
    assert exit_code("beat", f"unix://{tmp_path}/nobody.sock") == 1
