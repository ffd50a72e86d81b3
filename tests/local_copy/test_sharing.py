"""Several processes sharing one copy of the facts: killed, stopped, without space, none blocks another."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading

import pandas as pd
import pytest
from django.conf import settings as django_settings

from analytics_workers.facts_copy import copy_file
from analytics_workers.frames import FactsUnreadable
from tests.support.factories import make_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_simultaneous_readers_agree_and_fetch_all_facts_once(desk):
    for _ in range(5):
        make_ticket()
    frames: list[pd.DataFrame] = []
    readers = [threading.Thread(target=lambda: frames.append(desk.read())) for _ in range(6)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(frames) == 6
    assert all(frame.equals(frames[0]) for frame in frames)
    assert sorted("changed_after" in query for query in desk.queries) == [False] + [True] * 5


WORKER = """
import os, signal, sys
from pathlib import Path
from analytics_workers.facts_copy import copy_file, local_copy
from analytics_workers.helpdesk_api import HelpdeskApi
from analytics_workers.settings import Settings

url, key, folder, moment = sys.argv[1:]
settings = Settings("redis://none/0", key, url, Path(folder))
end = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
if moment == "fetching":
    local_copy.read_columns = end
elif moment == "writing":
    write = copy_file.pack_columns
    copy_file.pack_columns = lambda *given: (write(*given), given[2].flush(), end())
else:
    Path.replace = end
with HelpdeskApi(settings) as api:
    local_copy.LocalCopy(settings.facts_folder, url).read_facts(api, lambda percent: None)
"""


@pytest.mark.parametrize("moment", ["fetching", "writing", "replacing"])
def test_killed_worker_does_not_affect_other_workers(follows, moment):
    make_ticket(building="New")
    known = follows.settings
    arguments = [known.api_url, known.service_key, str(known.facts_folder), moment]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(django_settings.BASE_DIR)}
    killed = subprocess.run([sys.executable, "-c", WORKER, *arguments], env=environment, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert follows.check() == ["changes"]


def test_copy_that_cannot_be_stored_changes_no_result(follows, monkeypatch, caplog):
    def be_full(*args):
        raise OSError(28, "No space left on device")

    make_ticket(building="New")
    monkeypatch.setattr(copy_file, "pack_columns", be_full)
    assert follows.check() == ["changes"]
    assert "No space left" in caplog.text
    assert list(follows.settings.facts_folder.glob("*.part")) == []


def test_missing_directory_is_created_again(follows):
    shutil.rmtree(follows.settings.facts_folder)
    assert follows.check() == ["all"]
    assert follows.check() == ["changes"]


def test_directory_that_cannot_be_created_changes_no_result(follows):
    shutil.rmtree(follows.settings.facts_folder)
    follows.settings.facts_folder.write_text("a file has its name")
    assert follows.check() == ["all"]
    assert follows.check() == ["all"]


def test_held_lock_does_not_block_other_processes_for_long(follows, monkeypatch):
    monkeypatch.setattr(copy_file, "LOCK_TIMEOUT", 0.2)
    make_ticket(building="New")
    (lock,) = follows.settings.facts_folder.glob("*.lock")
    written = follows.file.stat().st_mtime_ns
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert follows.check() == ["changes"]
    assert follows.file.stat().st_mtime_ns == written
    assert follows.check() == ["changes"]
    assert follows.file.stat().st_mtime_ns != written


def test_facts_without_headers_are_refused(desk, monkeypatch):
    monkeypatch.setattr(
        "tickets.facts_api.make_response", lambda snapshot, chunks, kind: unlabelled(chunks, kind)
    )
    with pytest.raises(FactsUnreadable, match="lack their headers"):
        desk.read()


def unlabelled(chunks, kind):
    from django.http import StreamingHttpResponse

    return StreamingHttpResponse(chunks, content_type=kind)
