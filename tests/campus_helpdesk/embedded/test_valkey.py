import signal
import stat
from urllib.parse import urlsplit

import pytest
import redis
from kombu import Connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from campus_helpdesk.embedded.folder import FolderInUse
from campus_helpdesk.embedded.valkey import Valkey
from tests.campus_helpdesk.embedded.helpers import processes_naming


def test_valkey_answers_on_a_socket_for_its_owner_only(folder):
    with Valkey(folder) as server:
        assert server.url == f"unix://{folder}/valkey.sock?db=0"
        assert stat.S_IMODE((folder / "valkey.sock").stat().st_mode) == 0o600
        with redis.Redis.from_url(server.url) as client:
            assert client.config_get("appendonly")["appendonly"] == "yes"
            assert client.config_get("appendfsync")["appendfsync"] == "everysec"
            assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    assert not processes_naming(folder)


def test_valkey_keeps_what_was_written_over_a_kill(folder):
    server = Valkey(folder)
    with redis.Redis.from_url(server.start()) as client:
        client.set("word", "kept")
        client.config_set("appendfsync", "always")
        client.set("last", "kept")
    server.process.send_signal(signal.SIGKILL)
    server.stop()

    with Valkey(folder) as server, redis.Redis.from_url(server.url, decode_responses=True) as client:
        assert client.mget("word", "last") == ["kept", "kept"]


def test_valkey_asks_for_a_password_on_loopback_where_the_socket_path_is_too_long(folder):
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


def test_valkey_is_reached_by_celery_under_its_own_form_of_the_address(folder):
    with Valkey(folder) as server:
        form = server.url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
        with Connection(form) as connection:
            queue = connection.SimpleQueue("words")
            queue.put({"word": "Tür"})
            assert queue.get(timeout=5).payload == {"word": "Tür"}
            queue.close()


def test_valkey_on_a_folder_in_use_is_refused(folder):
    with Valkey(folder), pytest.raises(FolderInUse, match="is in use by process"):
        Valkey(folder).start()
