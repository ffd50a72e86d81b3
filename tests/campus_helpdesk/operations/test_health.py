"""The endpoints for monitoring, and who may use them."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import ANY

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from analytics_gateway.heartbeats import broker_key
from analytics_workers.catalogue import SERVICES
from campus_helpdesk.operations.health import is_fresh
from tests.support.analyses import make_analysis
from tests.support.factories import make_ticket

ROOT = Path(__file__).parents[3]
KEY = "a key for the monitor of the test run, 1234"
GUARDED = ["/readyz", "/metrics"]
PROGRAM = """
import json, time
import django; django.setup()
from django.test import Client
client = Client(headers={"host": "localhost", "cookie": "sessionid=abcdefghijklmnopqrstuvwxyz123456"})
for path in ("/healthz", "/readyz", "/readyz", "/metrics", "/healthz"):
    began = time.monotonic()
    answer = client.get(path)
    took = time.monotonic() - began
    print(json.dumps([path, answer.status_code, took, answer.content.decode()]))
"""


def ask_site_without(database: str, broker: str) -> list[list]:
    """Path, status, seconds and text of each response of a site with these servers."""
    environment = os.environ | {
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings",
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture
def deaf():
    """A port on which somebody listens and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


@pytest.fixture
def heartbeats(settings):
    """Sets whose last heartbeat was how many seconds ago."""
    redis = Redis.from_url(settings.REDIS_URL)
    keys = {f"worker:{definition.queue}" for definition in SERVICES.values()} | {"beat"}

    def tell(**ages: float) -> None:
        for key in keys:
            redis.set(broker_key(f"heartbeat:{key}"), time.time() - ages.get(key.split(":")[0], 0), ex=30)

    yield tell
    redis.delete(*(broker_key(f"heartbeat:{key}") for key in keys))
    redis.close()


@pytest.mark.parametrize("is_hung", [False, True])
def test_all_endpoints_respond_in_time_without_database_and_broker(deaf, is_hung):
    port = deaf if is_hung else 1
    answers = ask_site_without(f"postgres://x@127.0.0.1:{port}/none", f"redis://127.0.0.1:{port}/0")
    alive, _, ready, metrics, last = answers
    assert alive[:2] == last[:2] == ["/healthz", 200]
    assert last[2] < 0.05
    state = json.loads(ready[3])
    assert ready[1] == 503
    assert [state[name] for name in ("status", "db", "broker", "worker", "beat")] == ["degraded"] + [
        False
    ] * 4
    assert state["beat_age"] is state["oldest_queued_s"] is None
    assert metrics[1] == 200
    assert "helpdesk_database_up 0.0" in metrics[3]
    assert "helpdesk_broker_up 0.0" in metrics[3]
    assert state["db_writable"] is state["db_intact"] is None
    assert all(seconds < 2 for _, _, seconds, _ in answers)


@pytest.mark.django_db(transaction=True)
class TestReadiness:
    def test_healthy_site_is_ok(self, nobody, heartbeats):
        heartbeats(worker=3, beat=5)
        answer = nobody.get("/readyz")
        state = answer.json()
        assert answer.status_code == 200
        assert state["status"] == "ok"
        assert all(state[name] is True for name in ("db", "broker", "worker", "beat"))
        assert 5 <= state["beat_age"] < 7
        assert state["oldest_queued_s"] == 0
        assert state["disk_free"] > 0
        assert set(state["ages"]["worker"]) == {definition.queue for definition in SERVICES.values()}

    @pytest.mark.parametrize("who", ["worker", "beat"])
    def test_missing_heartbeat_degrades_without_503(self, nobody, heartbeats, who):
        heartbeats(**{who: 13})
        answer = nobody.get("/readyz")
        assert answer.status_code == 200
        assert answer.json()["status"] == "degraded"
        assert {name for name in ("db", "broker", "worker", "beat") if not answer.json()[name]} == {who}

    def test_free_space_is_unknown_without_the_data_directory(self, nobody, heartbeats, settings):
        settings.DATA_FOLDER = "/no/such/folder"
        heartbeats()
        assert nobody.get("/readyz").json() | {"ages": None} == {
            **{
                "status": "ok",
                "db": True,
                "db_writable": True,
                "db_intact": True,
                "broker": True,
                "worker": True,
                "beat": True,
                "ages": None,
            },
            **{"beat_age": ANY, "oldest_queued_s": 0, "disk_free": None},
        }

    def test_longest_wait_is_reported(self, nobody):
        make_analysis()
        assert 0 < nobody.get("/readyz").json()["oldest_queued_s"] < 30


@pytest.mark.parametrize(("age", "fresh"), [(None, False), (0.0, True), (11.9, True), (12.0, False)])
def test_heartbeat_is_fresh_for_twelve_seconds(age, fresh):
    assert is_fresh(age) is fresh


@pytest.mark.django_db
class TestGuard:
    @pytest.mark.parametrize("path", GUARDED)
    @pytest.mark.parametrize(
        "extra",
        [
            {"REMOTE_ADDR": "10.1.2.3"},
            {"REMOTE_ADDR": ""},
            {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
            {"HTTP_FORWARDED": "for=127.0.0.1"},
            {"HTTP_X_REAL_IP": "127.0.0.1"},
        ],
    )
    def test_remote_and_proxied_requests_are_refused(self, settings, path, extra):
        settings.MONITOR_KEY = ""
        for authorization in ({}, {"HTTP_AUTHORIZATION": "Bearer "}, {"HTTP_AUTHORIZATION": f"Bearer {KEY}"}):
            assert Client().get(path, **extra, **authorization).status_code == 403

    @pytest.mark.parametrize("path", GUARDED)
    def test_monitoring_key_is_accepted_from_everywhere(self, settings, path):
        settings.MONITOR_KEY = KEY
        far = {"REMOTE_ADDR": "10.1.2.3"}
        assert Client().get(path, **far, HTTP_AUTHORIZATION=f"Bearer {KEY}").status_code == 200
        for wrong in ("", "Bearer", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", f"Basic {KEY}", KEY, "Bearer ü"):
            assert Client().get(path, **far, HTTP_AUTHORIZATION=wrong).status_code == 403

    @pytest.mark.parametrize("path", ["/healthz", *GUARDED])
    def test_local_request_needs_no_tls_and_no_host_name(self, settings, path):
        settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["helpdesk.example.edu"]
        answer = Client().get(path, headers={"host": "web:8000"})
        assert answer.status_code == 200
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in answer["Content-Security-Policy"]

    @pytest.mark.parametrize("path", ["/healthz", *GUARDED])
    def test_health_check_creates_no_session(self, helpdesk, path, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert not helpdesk.get(path).cookies


@pytest.mark.django_db(transaction=True)
def test_metrics_are_readable_and_count_rows(nobody, heartbeats):
    make_ticket()
    make_ticket("closed")
    make_analysis()
    heartbeats(beat=2)
    nobody.get("/")
    answer = nobody.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain; version=")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }
    assert [samples["helpdesk_tickets", status] for status in ("open", "active", "closed")] == [1, 0, 1]
    assert samples["helpdesk_analyses", "queued"] == 1
    assert samples["helpdesk_analyses", "failed"] == 0
    assert samples["helpdesk_oldest_queued_seconds",] > 0
    assert samples["helpdesk_failed_attempts",] == 0
    assert samples["helpdesk_database_up",] == samples["helpdesk_broker_up",] == 1
    assert samples["helpdesk_database_writable",] == samples["helpdesk_database_intact",] == 1
    assert 2 <= samples["helpdesk_heartbeat_age_seconds", "beat"] < 4
    assert samples["helpdesk_heartbeat_age_seconds", "analytics.unresolved"] < 2
    assert samples["helpdesk_requests_total", "GET", "entrance:choose_role", "2xx"] >= 1
