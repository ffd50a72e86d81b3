import os
import signal
import time
from contextlib import closing

import pytest
import redis

from analytics_gateway.heartbeats import PROCESS_HEARTBEATS
from campus_helpdesk.local_stack.heartbeats import Heartbeats
from campus_helpdesk.local_stack.site_socket import SiteSocket
from campus_helpdesk.local_stack.valkey_server import Valkey, free_port
from common.service_keys import broker_prefix

KEY = "the service key of this installation"


@pytest.fixture
def broker(folder):
    with Valkey(folder) as server:
        yield server


@pytest.fixture
def heartbeats(broker):
    with closing(SiteSocket(free_port())) as site:
        yield Heartbeats(broker.url, KEY, site)


def test_heartbeats_change_while_a_process_is_alive(broker, heartbeats):
    assert heartbeats.read() | {"Valkey": 1} == dict.fromkeys(PROCESS_HEARTBEATS) | {"web": None, "Valkey": 1}
    with redis.Redis.from_url(broker.url) as client:
        client.set(f"{broker_prefix(KEY)}heartbeat:part:beat", time.time())
        client.set("heartbeat:part:gateway-worker", time.time())  # another site's
    first, second = heartbeats.read(), heartbeats.read()
    assert first["beat"]
    assert first["beat"] == second["beat"]
    assert first["Valkey"] != second["Valkey"]
    assert first["gateway-worker"] is None


def test_heartbeats_are_unknown_if_the_broker_hangs(broker, heartbeats):
    os.kill(broker.process.pid, signal.SIGSTOP)
    try:
        assert heartbeats.read() == {"web": None, "Valkey": None}
    finally:
        os.kill(broker.process.pid, signal.SIGCONT)


def test_heartbeats_are_unknown_if_the_broker_is_full(broker, heartbeats):
    with redis.Redis.from_url(broker.url) as client:
        client.config_set("maxmemory", "1")
        signs = heartbeats.read()
    assert set(signs) == {"web", "Valkey"}
    assert signs["Valkey"]


def test_missing_broker_is_reported_without_stopping(capsys):
    with closing(SiteSocket(free_port())) as site:
        Heartbeats(f"redis://127.0.0.1:{free_port()}/0", KEY, site).forget()
    assert "The broker is not responding (ConnectionError)" in capsys.readouterr().out
