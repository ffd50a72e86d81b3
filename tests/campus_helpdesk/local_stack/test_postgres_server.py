import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from campus_helpdesk.local_stack.data_dir import ROOT, DirectoryInUse
from campus_helpdesk.local_stack.memory import MEBIBYTE, find_memory, memory_settings
from campus_helpdesk.local_stack.postgres_server import Postgres
from campus_helpdesk.local_stack.process import StartFailed
from campus_helpdesk.local_stack.system_user import owner_of
from tests.support.database_pool import Pool
from tests.support.processes import is_alive, processes_naming, wait_until
from tests.support.sql import ask


@pytest.fixture(scope="module")
def server(pool: Pool) -> Iterator[Postgres]:
    """One server for the tests that only look at it."""
    with tempfile.TemporaryDirectory(prefix="emb") as folder:
        Path(folder).chmod(0o711)
        pool.lend(Path(folder))
        with Postgres(Path(folder)) as server:
            yield server


def user_of(pid: int) -> str:
    return pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name


def test_postgres_keeps_data_across_a_restart(filled_folder):
    with Postgres(filled_folder) as server:
        ask(server.url, "CREATE TABLE kept (word text)")
        ask(server.url, "INSERT INTO kept VALUES ('Tür')")
        first = server.url

    with Postgres(filled_folder) as server:
        assert server.url == first
        assert ask(server.url, "SELECT upper(word) FROM kept") == "TÜR"
    assert not processes_naming(filled_folder)


def test_postgres_has_checksums_utf8_and_its_extensions(server):
    assert ask(server.url, "SHOW data_checksums") == "on"
    assert ask(server.url, "SHOW server_encoding") == "UTF8"
    ask(server.url, "CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent")
    ask(server.url, "CREATE DATABASE another")


def test_postgres_buffers_have_the_size_that_fits_this_machine(server):
    size = ask(server.url, "SELECT setting::bigint * 8192 FROM pg_settings WHERE name = 'shared_buffers'")
    assert size == int(memory_settings(find_memory())["shared_buffers"].removesuffix("MB")) * MEBIBYTE
    assert ask(server.url, "SHOW random_page_cost") == "1.1"


def test_postgres_logs_an_error_without_user_text(server):
    ask(server.url, "CREATE TABLE person (name text CHECK (length(name) < 3))")
    with pytest.raises(psycopg.errors.CheckViolation, match="Hedda"):
        ask(server.url, "INSERT INTO person VALUES ('Hedda')")
    wait_until(lambda: 'violates check constraint "person_name_check"' in server.log.read_text())
    assert "Hedda" not in server.log.read_text()


def test_postgres_password_is_private(server):
    password = server.folder / "postgres-password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert password.read_text() in server.url


@pytest.mark.parametrize("lose", [Path.unlink, lambda file: file.write_text("")])
def test_lost_password_is_replaced(filled_folder, lose):
    with Postgres(filled_folder) as server:
        ask(server.url, "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS number")
        before = server.url
    lose(filled_folder / "postgres-password")
    with Postgres(filled_folder) as server:
        assert server.url != before
        assert ask(server.url, "SELECT number FROM kept") == 7


def test_wrong_password_is_reported_in_one_line(folder, pool):
    pool.lend(folder)
    (folder / "postgres-password").write_text("of another installation")
    began = time.monotonic()
    with pytest.raises(StartFailed, match=r"^The database does not accept the password in .* another\.$"):
        Postgres(folder).start()
    assert time.monotonic() - began < 20
    assert not processes_naming(folder)


def test_lost_password_of_a_running_database_is_reported(filled_folder):
    password = filled_folder / "postgres-password"
    with Postgres(filled_folder):
        original = password.read_text()
        password.unlink()
        with pytest.raises(StartFailed, match="stop the stack and start it again"):
            Postgres(filled_folder).running_url()
        assert not password.exists()
        password.write_text(original)


@pytest.mark.parametrize("user", ["helpdesk", "postgres"])
def test_postgres_refuses_a_connection_without_the_password(server, user):
    address = urlsplit(server.url)
    stranger = server.url.replace(f"{address.username}:{address.password}", f"{user}:guessed")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stranger)


def test_postgres_role_is_not_a_superuser(server):
    assert ask(server.url, "SHOW is_superuser") == "off"


def test_postgres_never_runs_as_root(server):
    expected = "campus-helpdesk" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    assert user_of(server.process.pid) == expected


def test_postgres_refuses_a_directory_in_use_in_one_line(server):
    with pytest.raises(DirectoryInUse) as refusal:
        Postgres(server.folder).start()
    assert str(server.folder) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_postgres_works_below_a_private_directory(closed_folder, capsys):
    with Postgres(closed_folder) as server:
        assert ask(server.url, "SELECT 1") == 1
        first = server.url
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == (1 if os.geteuid() == 0 else 0)

    with Postgres(closed_folder) as server:
        assert server.url == first
    assert capsys.readouterr().err == ""
    assert stat.S_IMODE(closed_folder.parent.stat().st_mode) == 0o700
    assert owner_of(closed_folder.parent).uid == os.geteuid()


def test_postgres_uses_loopback_if_the_socket_path_is_too_long(folder, pool):
    deep = folder / ("a" * 60) / ("b" * 60)
    deep.parent.mkdir()
    deep.parent.chmod(0o711)
    pool.lend(deep)
    with Postgres(deep) as server:
        assert urlsplit(server.url).hostname == "127.0.0.1"
        assert ask(server.url, "SELECT 1") == 1
        assert Postgres(deep).running_url() == server.url
    pool.take_back(deep)


def test_running_url_names_the_server_of_another_process(filled_folder):
    assert Postgres(filled_folder).running_url() is None
    with Postgres(filled_folder) as server:
        assert Postgres(filled_folder).running_url() == server.url
    assert Postgres(filled_folder).running_url() is None


def test_postgres_stops_with_its_killed_parent_and_starts_again(filled_folder):
    program = f"""
import time
from pathlib import Path
from campus_helpdesk.local_stack.postgres_server import Postgres
server = Postgres(Path({str(filled_folder)!r}))
server.start()
print(server.process.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()

    with Postgres(filled_folder) as server:
        assert ask(server.url, "SELECT 1") == 1
    assert not is_alive(pid)


def test_pid_file_that_names_another_process_is_ignored(filled_folder):
    with Postgres(filled_folder) as server:
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        note = filled_folder / "postgres" / "data" / "postmaster.pid"
        lines = note.read_text().splitlines()
        note.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
        wait_until(lambda: not processes_naming(filled_folder))

    with Postgres(filled_folder) as server:
        assert ask(server.url, "SELECT 1") == 1


def test_incomplete_database_is_created_again(filled_folder):
    home = filled_folder / "postgres"
    (home / "data").rename(home / "data.new")

    with Postgres(filled_folder) as server:
        assert ask(server.url, "SELECT current_database()") == "helpdesk"


def test_postgres_log_contains_no_user_text(server):
    ask(server.url, "CREATE TABLE guarded (word text UNIQUE CHECK (word <> 'forbidden and private'))")
    for statement in (
        "INSERT INTO guarded VALUES ('forbidden and private')",
        "SELECT 1 / (length('a private word') - 14)",
        "INSERT INTO guarded VALUES ('private twin'), ('private twin')",
    ):
        with pytest.raises(psycopg.Error):
            ask(server.url, statement)
    log = server.log.read_text()
    assert log.count("ERROR:") >= 3
    assert "private" not in log
