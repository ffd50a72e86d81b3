"""The workers' copy of the facts against the real API: whatever happens to it, no number changes."""

import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction

from analytics_workers.facts_copy import copy_file, local_copy
from analytics_workers.facts_copy.local_copy import LocalCopy
from analytics_workers.frames import FactsUnreadable
from analytics_workers.helpdesk_api import HelpdeskApi
from analytics_workers.settings import Settings
from tests.factories import HELPDESK, USER, make_ticket, shift
from tickets.actions import activate_ticket, close_ticket, edit_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


class Desk:
    """A worker's view of the helpdesk; `asked` are the queries that its copy sent."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings = Settings("redis://none/0", django_settings.SERVICE_KEY, f"{url}/api/v1/", folder)
        self.copy = LocalCopy(folder, self.settings.api_url)
        self.asked: list[dict] = []

    def read(self) -> pd.DataFrame:
        with HelpdeskApi(self.settings) as api:
            fetch = api.fetch_facts
            api.fetch_facts = lambda query, read: self.asked.append(query) or fetch(query, read)
            return self.copy.read_facts(api, lambda percent: None).frame

    @property
    def file(self) -> Path:
        (file,) = self.settings.facts_folder.glob("*.arrow")
        return file

    def check(self) -> list[str]:
        """Compares the frame with the rows of the database; says what was asked for: "all" or "changes"."""
        before = len(self.asked)
        frame = self.read()
        names = list(frame.columns)
        told = [
            tuple(None if pd.isna(cell) else cell for cell in row) for row in frame.itertuples(index=False)
        ]
        assert told == list(Ticket.objects.order_by("id").values_list(*names))
        return ["changes" if "changed_after" in query else "all" for query in self.asked[before:]]


@pytest.fixture
def desk(live_server, tmp_path) -> Desk:
    return Desk(live_server.url, tmp_path)


@pytest.fixture
def follows(desk) -> Desk:
    """A desk whose copy is there and was compared."""
    for status in ("open", "active", "closed", "open"):
        make_ticket(status, building="Library")
    desk.check()
    desk.asked.clear()
    return desk


def test_copy_follows_every_change(desk, monkeypatch):
    monkeypatch.setattr(local_copy, "COMPARE_EVERY", 0)
    chance = random.Random(20)
    assert desk.check() == ["all"]
    for _ in range(12):
        for _ in range(chance.randrange(6)):
            change_something(chance)
        assert desk.check() == ["changes"]
        assert desk.asked[-1]["with_checksum"] == "true"


def change_something(chance: random.Random) -> None:
    ticket = chance.choice([None, *Ticket.objects.exclude(status="closed")])
    if ticket is None or chance.random() < 0.4:
        shift(
            make_ticket(building=chance.choice(["", "Mensa", 'Größe, "A"'])), timedelta(days=chance.random())
        )
    elif ticket.status == "open":
        activate_ticket(ticket, by=HELPDESK)
    elif chance.random() < 0.5:
        edit_ticket(
            ticket, by=USER, version=ticket.version, changes={"building": f"House {chance.randrange(3)}"}
        )
    else:
        close_ticket(ticket, by=HELPDESK)


def test_copy_is_not_written_while_nothing_changes(follows):
    written = follows.file.stat().st_mtime_ns
    assert follows.check() == ["changes"]
    assert follows.file.stat().st_mtime_ns == written


def test_copy_is_not_written_for_one_change_in_a_hundred(desk):
    tickets = [make_ticket() for _ in range(150)]
    desk.check()
    written = desk.file.stat().st_mtime_ns
    activate_ticket(tickets[5], by=HELPDESK)
    assert desk.check() == ["changes"]
    assert desk.file.stat().st_mtime_ns == written
    activate_ticket(tickets[6], by=HELPDESK)
    assert desk.check() == ["changes"]
    assert desk.file.stat().st_mtime_ns != written


def test_copy_does_not_miss_what_an_older_transaction_commits_later(follows):
    """The token is the oldest transaction still running, not the newest that has ended."""
    has_written, may_commit = threading.Event(), threading.Event()

    def work_slowly() -> None:
        with transaction.atomic():
            make_ticket(building="Slow")
            has_written.set()
            may_commit.wait(10)
        connection.close()

    slow = threading.Thread(target=work_slowly)
    slow.start()
    assert has_written.wait(10)
    make_ticket(building="Quick")
    assert follows.check() == ["changes"]
    may_commit.set()
    slow.join()
    assert follows.check() == ["changes"]
    assert set(follows.read()["building"]) == {"Library", "Slow", "Quick"}


def test_copy_is_made_anew_where_it_is_gone(follows):
    follows.file.unlink()
    assert follows.check() == ["all"]


def test_copy_is_made_anew_whatever_byte_was_changed(follows):
    whole = follows.file.read_bytes()
    chance = random.Random(7)
    places = [0, 30, copy_file.HEAD, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(60))]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        follows.file.write_bytes(damaged)
        assert follows.check() == ["all"], place


@pytest.mark.parametrize("cut", [0, 1, 63, 64, 200, -1])
def test_copy_is_made_anew_where_it_was_cut_off(follows, cut):
    follows.file.write_bytes(follows.file.read_bytes()[:cut])
    assert follows.check() == ["all"]


REMOVE = """
    DELETE FROM tickets_ticketevent WHERE pgh_obj_id = (SELECT max(id) FROM tickets_ticket);
    DELETE FROM tickets_ticket WHERE id = (SELECT max(id) FROM tickets_ticket)
"""
MOVE = "UPDATE tickets_ticket SET building = 'Moved' WHERE id = (SELECT max(id) FROM tickets_ticket)"


@pytest.mark.parametrize("trouble", [REMOVE, MOVE])
def test_copy_is_made_anew_where_it_is_compared_and_differs(follows, trouble, monkeypatch):
    """What goes round the triggers is found out when count and checksum are compared: each hour."""
    tables = ("tickets_ticket", "tickets_ticketevent")
    with connection.cursor() as cursor:
        for statement in (
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables),
            *trouble.split(";"),
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables),
        ):
            cursor.execute(statement)
    monkeypatch.setattr(local_copy, "COMPARE_EVERY", 0)
    assert follows.check() == ["changes", "all"]


def test_copy_is_compared_when_a_process_starts_and_then_not_at_every_reading(follows):
    follows.read()
    assert "with_checksum" not in follows.asked[-1]
    follows.copy = LocalCopy(follows.settings.facts_folder, follows.settings.api_url)
    follows.read()
    assert follows.asked[-1]["with_checksum"] == "true"
    follows.read()
    assert "with_checksum" not in follows.asked[-1]


def test_copy_is_compared_once_where_the_clock_was_set_back(follows, monkeypatch):
    now = time.time()
    monkeypatch.setattr(local_copy, "time", SimpleNamespace(time=lambda: now - 86400))
    follows.read()
    assert follows.asked[-1]["with_checksum"] == "true"
    follows.read()
    assert "with_checksum" not in follows.asked[-1]


def test_copy_is_made_anew_after_an_older_backup_was_restored(follows, tmp_path):
    file = tmp_path / "backup"
    call_command("backup", file)
    activate_ticket(make_ticket(building="Later"), by=HELPDESK)
    follows.check()
    call_command("restore", file, force=True)
    assert follows.check() == ["changes", "all"]
    assert "Later" not in set(follows.read()["building"])
    make_ticket(building="After")
    assert follows.check() == ["changes"]


def test_copy_is_made_anew_where_all_rows_are_gone(follows):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tickets_ticket CASCADE")
    assert follows.check() == ["changes", "all"]


def test_readers_at_once_see_the_same_and_fetch_all_only_once(desk):
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
    assert sorted("changed_after" in query for query in desk.asked) == [False] + [True] * 5


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
    copy_file.pack_columns = lambda columns, told, file: (write(columns, told, file), file.flush(), end())
else:
    Path.replace = end
with HelpdeskApi(settings) as api:
    local_copy.LocalCopy(settings.facts_folder, url).read_facts(api, lambda percent: None)
"""


@pytest.mark.parametrize("moment", ["fetching", "writing", "replacing"])
def test_a_worker_killed_in_between_leaves_the_others_right(follows, moment):
    make_ticket(building="New")
    known = follows.settings
    words = [known.api_url, known.service_key, str(known.facts_folder), moment]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(django_settings.BASE_DIR)}
    killed = subprocess.run([sys.executable, "-c", WORKER, *words], env=environment, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert follows.check() == ["changes"]


def test_a_copy_that_cannot_be_kept_costs_no_number_and_leaves_nothing(follows, monkeypatch, caplog):
    def be_full(*args):
        raise OSError(28, "No space left on device")

    make_ticket(building="New")
    monkeypatch.setattr(copy_file, "pack_columns", be_full)
    assert follows.check() == ["changes"]
    assert "No space left" in caplog.text
    assert list(follows.settings.facts_folder.glob("*.part")) == []


def test_a_folder_that_is_gone_is_made_again(follows):
    shutil.rmtree(follows.settings.facts_folder)
    assert follows.check() == ["all"]
    assert follows.check() == ["changes"]


def test_a_folder_that_cannot_be_made_costs_no_number(follows):
    shutil.rmtree(follows.settings.facts_folder)
    follows.settings.facts_folder.write_text("a file stands in its place")
    assert follows.check() == ["all"]
    assert follows.check() == ["all"]


def test_a_process_that_does_not_let_go_stops_nobody_for_long(follows, monkeypatch):
    monkeypatch.setattr(copy_file, "PATIENCE", 0.2)
    make_ticket(building="New")
    (lock,) = follows.settings.facts_folder.glob("*.lock")
    written = follows.file.stat().st_mtime_ns
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert follows.check() == ["changes"]
    assert follows.file.stat().st_mtime_ns == written
    assert follows.check() == ["changes"]
    assert follows.file.stat().st_mtime_ns != written


def test_facts_that_do_not_say_what_they_are_are_refused(desk, monkeypatch):
    monkeypatch.setattr("tickets.facts_api.label", lambda snapshot, chunks, kind: unlabelled(chunks, kind))
    with pytest.raises(FactsUnreadable, match="what they are"):
        desk.read()


def unlabelled(chunks, kind):
    from django.http import StreamingHttpResponse

    return StreamingHttpResponse(chunks, content_type=kind)
