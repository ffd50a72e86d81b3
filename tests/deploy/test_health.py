"""The health checks of the containers, run as Docker runs them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import redis

from campus_helpdesk.local_stack.valkey_server import Valkey
from common.heartbeats import host_heartbeat
from common.service_keys import broker_prefix
from deploy import health
from tests.support.processes import wait_until

HEALTH = Path(health.__file__)
KEY = "the service key of this installation"


@pytest.fixture
def broker(tmp_path):
    with Valkey(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        yield server.url, client


def exit_code(what: str, url: str, queues: str = "") -> int:
    environment = {"PATH": os.environ["PATH"], "REDIS_URL": url, "QUEUES": queues, "SERVICE_KEY": KEY}
    with tempfile.TemporaryDirectory() as folder:
        environment["TMPDIR"] = folder
        return subprocess.run([sys.executable, HEALTH, what], env=environment, check=False).returncode


def test_analytics_container_is_healthy_while_all_its_queues_are_served(broker):
    url, client = broker
    assert exit_code("queues", url, "analytics.unresolved") == 1
    client.set(host_heartbeat(f"{broker_prefix(KEY)}heartbeat:worker:analytics.unresolved"), 1, ex=20)
    assert exit_code("queues", url, "analytics.unresolved") == 0
    assert exit_code("queues", url, "analytics.unresolved,analytics.resolution-time") == 1


@pytest.mark.parametrize(("what", "part"), [("beat", "beat"), ("gateway", "gateway-worker")])
def test_gateway_containers_are_healthy_while_their_process_has_a_heartbeat(broker, what, part):
    url, client = broker
    client.set(host_heartbeat(f"heartbeat:part:{part}"), 1, ex=20)  # another site's
    assert exit_code(what, url) == 1
    client.set(host_heartbeat(f"{broker_prefix(KEY)}heartbeat:part:{part}"), 1, ex=20)
    assert exit_code(what, url) == 0


@pytest.mark.parametrize(
    ("what", "heartbeat"),
    [
        ("queues", "worker:analytics.unresolved"),
        ("gateway", "part:gateway-worker"),
        ("beat", "part:beat"),
    ],
)
def test_live_container_does_not_hide_a_hanging_one(broker, what, heartbeat):
    url, client = broker
    key = f"{broker_prefix(KEY)}heartbeat:{heartbeat}"
    for name in (key, f"{key}@another-host"):
        client.set(name, 1, ex=20)
    assert exit_code(what, url, "analytics.unresolved") == 1


def test_full_broker_does_not_count_as_silence(broker, monkeypatch):
    url, client = broker
    monkeypatch.setenv("REDIS_URL", url)
    monkeypatch.setenv("SERVICE_KEY", KEY)
    assert health.is_healthy("beat") is False
    client.config_set("maxmemory", "1")
    assert health.is_healthy("beat") is None


def test_only_consecutive_silent_checks_count(tmp_path):
    note = tmp_path / "note"
    found = [health.count_silent_checks(note, is_silent) for is_silent in (True, True, False, True)]
    assert found == [1, 2, 0, 1]


def test_truncated_count_starts_again(tmp_path):
    note = tmp_path / "note"
    note.touch()
    assert [health.count_silent_checks(note, True) for _ in range(2)] == [1, 2]


def test_hanging_program_is_killed_without_its_parent():
    parent = "import subprocess; print(subprocess.Popen(['sleep', '60']).wait())"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as init:
        wait_until(lambda: Path(f"/proc/{init.pid}/task/{init.pid}/children").read_text())
        health.end_children(init.pid)
        assert init.communicate(timeout=20)[0] == "-9\n"


def test_container_without_its_broker_is_not_healthy(tmp_path):
    assert exit_code("beat", f"unix://{tmp_path}/nobody.sock") == 1
