import signal
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from kombu import Connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from campus_helpdesk.local_stack.data_dir import DirectoryInUse
from campus_helpdesk.local_stack.supervisor import ManagedProcess, Supervisor
from campus_helpdesk.local_stack.valkey_server import Valkey
from tests.support.processes import processes_naming, wait_until


def test_valkey_listens_on_a_private_socket(folder):
    with Valkey(folder) as server:
        assert server.url == f"unix://{folder}/valkey.sock?db=0"
        assert stat.S_IMODE((folder / "valkey.sock").stat().st_mode) == 0o600
        with redis.Redis.from_url(server.url) as client:
            assert client.config_get("appendonly")["appendonly"] == "yes"
            assert client.config_get("appendfsync")["appendfsync"] == "everysec"
            assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    assert not processes_naming(folder)


def test_valkey_keeps_data_after_being_killed(folder):
    server = Valkey(folder)
    with redis.Redis.from_url(server.start()) as client:
        client.set("word", "kept")
        client.config_set("appendfsync", "always")
        client.set("last", "kept")
    server.process.send_signal(signal.SIGKILL)
    server.stop()

    with Valkey(folder) as server, redis.Redis.from_url(server.url, decode_responses=True) as client:
        assert client.mget("word", "last") == ["kept", "kept"]


def damage_files(folder: Path) -> None:
    """In the middle: what comes after it is good."""
    (file,) = (folder / "valkey/appendonlydir").glob("*.incr.aof")
    content = file.read_bytes()
    middle = content.index(b"SET", len(content) // 2)
    file.write_bytes(content[:middle] + b"???" + content[middle + 3 :])


def fill(server: Valkey) -> None:
    with redis.Redis.from_url(server.url) as client:
        for number in range(100):
            client.set(f"word-{number}", "kept")


def test_valkey_quarantines_damaged_files_and_starts(folder, capsys):
    with Valkey(folder) as server:
        fill(server)
    damage_files(folder)
    with Valkey(folder) as server, redis.Redis.from_url(server.url) as client:
        assert client.dbsize() == 0
        client.set("word", "new")
    quarantine = folder / "valkey/quarantine"
    assert f"may be damaged; they were moved to {quarantine}." in capsys.readouterr().err
    assert list(quarantine.glob("*.incr.aof"))
    with Valkey(folder) as server, redis.Redis.from_url(server.url) as client:
        assert client.get("word") == b"new"


def test_supervised_valkey_quarantines_files_damaged_at_run_time(folder, capsys):
    server, supervisor = Valkey(folder), Supervisor()
    server.prepare()
    part = ManagedProcess(server.name, server.log, server.spawn)
    try:
        supervisor.start(part)
        supervisor.wait(server.is_ready, 20, part)
        fill(server)
        part.process.kill()
        part.process.wait()
        damage_files(folder)
        wait_until(lambda: supervisor.watch() or (part.process and server.is_ready()), 20)
    finally:
        supervisor.stop()
        server.stop()
    assert "they were moved to" in capsys.readouterr().out


def test_valkey_uses_loopback_with_a_password_if_the_socket_path_is_too_long(folder):
    deep = folder / ("a" * 60) / ("b" * 60)
    with Valkey(deep) as server:
        address = urlsplit(server.url)
        assert address.hostname == "127.0.0.1"
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
        with (
            redis.Redis(host="127.0.0.1", port=address.port, retry=Retry(NoBackoff(), 0)) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
        assert Valkey(deep).running_url() == server.url
        assert stat.S_IMODE((deep / "valkey" / "valkey.conf").stat().st_mode) == 0o600


def test_celery_connects_with_its_form_of_the_url(folder):
    with Valkey(folder) as server:
        form = server.url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
        with Connection(form) as connection:
            queue = connection.SimpleQueue("words")
            queue.put({"word": "Tür"})
            assert queue.get(timeout=5).payload == {"word": "Tür"}
            queue.close()


def test_valkey_refuses_a_directory_in_use(folder):
    with Valkey(folder), pytest.raises(DirectoryInUse, match="is in use by process"):
        Valkey(folder).start()
