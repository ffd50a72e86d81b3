"""A real worker process on a real Valkey, which no test in this process can replace."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis
from celery import Celery

from analytics_workers.helpdesk_api import ARROW
from common.analysis_messages import AnalysisResult
from common.celery_options import broker_url
from common.heartbeats import host_heartbeat
from common.service_keys import broker_prefix
from tests.support.api_server import KEY, Api
from tests.support.own_valkey import own_valkey

QUEUE = f"analytics.test-{uuid.uuid4().hex[:8]}"
HEARTBEAT = f"{broker_prefix(KEY)}heartbeat:worker:{QUEUE}"


@pytest.fixture
def broker() -> Iterator[str]:
    """The address of a broker for this test alone."""
    with own_valkey() as (port, _):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def worker(api: Api, broker: str, tmp_path: Path) -> Iterator[subprocess.Popen]:
    """A worker on a queue of its own, so that no other test's messages arrive here."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", str(tmp_path)),
        "REDIS_URL": broker,
        "SERVICE_KEY": KEY,
        "HELPDESK_API_URL": api.url,
        "FACTS_FOLDER": str(tmp_path / "facts"),
    }
    arguments = [
        "celery",
        "-A",
        "analytics_workers.app",
        "worker",
        "-Q",
        QUEUE,
        "-c",
        "1",
        "--without-mingle",
    ]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=Path(__file__).parents[2],
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        yield process
        process.terminate()
        assert process.wait(20) == 0, (tmp_path / "worker.log").read_text()


def publish(broker: str, attempt: int, service_key: str = KEY) -> None:
    with Celery("publisher", broker=broker_url(broker), set_as_current=False) as app:
        app.conf.broker_transport_options = {"global_keyprefix": broker_prefix(service_key)}
        args = [str(uuid.uuid4()), attempt]
        app.send_task("analytics_workers.run_analysis", args=args, queue=QUEUE, ignore_result=True)


def test_worker_computes_sends_heartbeats_and_reports_a_killed_child(api, broker, worker):
    publish(broker, 7, service_key="of another site that shares the broker")
    publish(broker, 1)
    (sent,) = api.wait_for("result", seconds=60)  # the machine may be busy
    assert AnalysisResult.from_json(sent["result"]).headline.value == 2
    beat = redis.Redis.from_url(broker)
    assert abs(int(beat.get(HEARTBEAT)) - time.time()) < 10
    assert 0 < beat.ttl(HEARTBEAT) <= 20
    assert beat.get(host_heartbeat(HEARTBEAT)) == beat.get(HEARTBEAT)
    assert beat.delete(broker_prefix("of another site that shares the broker") + QUEUE) == 1

    api.fault["facts"] = lambda: (time.sleep(3), (200, {"Content-Type": ARROW}, b""))[1]
    publish(broker, 2)
    api.wait_for("facts", 2)
    for child in psutil.Process(worker.pid).children():
        child.kill()
    failures = api.wait_for("failure", seconds=5)
    assert failures == [{"attempt": 2, "reason": "The worker process was lost.", "retry": True}]

    api.fault.clear()
    publish(broker, 3)
    assert len(api.wait_for("result", 2)) == 2
    assert len(api.bodies("start")) == 3
