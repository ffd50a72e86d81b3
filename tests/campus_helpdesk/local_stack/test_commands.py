import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from campus_helpdesk.local_stack.commands import needs_database
from campus_helpdesk.local_stack.data_dir import ROOT
from campus_helpdesk.local_stack.postgres_server import Postgres
from django_common.database.outages import COMMIT_UNKNOWN
from tests.support.processes import processes_naming

SERVERS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SERVICE_KEY")
ASK = "from django.db import connection; k = connection.cursor(); k.execute('SELECT 1'); print(k.fetchone())"
LOSE_THE_COMMIT = """
from django.db import connection, transaction
with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("CREATE TEMPORARY TABLE lost (number int)")
    cursor.execute('''
        CREATE FUNCTION pg_temp.lose() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'
    ''')
    cursor.execute(
        "CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON lost DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION pg_temp.lose()"
    )
    cursor.execute("INSERT INTO lost VALUES (1)")
"""


def start_command(data: Path, *words: str, **options) -> subprocess.Popen:
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**environment, "DATA": str(data)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def run_command(data: Path, *words: str, text: str = "") -> tuple[int, str, str]:
    command = start_command(data, *words)
    output, errors = command.communicate(text, timeout=60)
    return command.returncode, output, errors


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", False),
        ("help", False),
        ("--help", False),
        ("migrate --help", False),
        ("classify", False),
        ("check --deploy", False),
        ("check --database default", True),
        ("makemigrations --check", False),
        ("collectstatic --noinput", False),
        ("migrate", True),
        ("demo --tickets 5", True),
        ("backup file", True),
    ],
)
def test_needs_database_knows_each_command(line, expected):
    assert needs_database(line.split()) is expected


@pytest.mark.parametrize("line", ["check", "migrate --help", "help"])
def test_command_without_database_creates_no_data_directory(folder, line):
    code, _, errors = run_command(folder / "data", *line.split())
    assert code == 0, errors
    assert not (folder / "data").exists()


def test_classify_works_without_a_data_directory(folder):
    line = json.dumps({"id": 7, "text": "The wifi in the library is down"}) + "\n"
    code, output, errors = run_command(folder / "data", "classify", text=line)
    assert code == 0, errors
    assert json.loads(output)["id"] == 7
    assert not (folder / "data").exists()


def test_data_directory_that_is_a_file_is_reported_in_one_line(folder):
    (folder / "data").write_text("kept")
    code, output, errors = run_command(folder / "data", "migrate")
    assert (code, output, len(errors.splitlines())) == (1, "", 1)
    assert "cannot be created" in errors
    assert (folder / "data").read_text() == "kept"


def test_command_starts_and_stops_its_own_database(folder):
    code, output, errors = run_command(folder / "data", "shell", "-v", "0", "-c", ASK)
    assert code == 0, errors
    assert output.startswith("(")
    assert not processes_naming(folder)


def test_command_uses_a_running_database(filled_folder):
    with Postgres(filled_folder) as server:
        code, _, errors = run_command(filled_folder, "shell", "-v", "0", "-c", f"{ASK}; input()", text="\n")
        assert code == 0, errors
        assert server.process.poll() is None
    assert (filled_folder / "secret-key").exists()


def test_database_without_tables_is_reported_in_one_line(filled_folder, folder):
    (folder / "tickets.csv").write_text("id,description,category,opened_at\n")
    code, _, errors = run_command(filled_folder, "load_tickets", str(folder / "tickets.csv"))
    assert code == 1
    assert errors.splitlines()[-1].endswith("First run: manage.py migrate")
    assert "Traceback" not in errors


def test_simultaneous_commands_share_one_database(filled_folder):
    owner = start_command(filled_folder, "shell", "-v", "0", "-c", f"{ASK}; input()")
    assert owner.stdout.readline()
    guest = start_command(filled_folder, "shell", "-v", "0", "-c", f"{ASK}; input(); {ASK}")
    assert guest.stdout.readline()

    owner.stdin.write("\n")
    owner.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        owner.wait(0.5)
    output, errors = guest.communicate("\n", timeout=20)
    assert guest.returncode == 0, errors
    assert output.startswith("(")
    owner.communicate(timeout=20)
    assert owner.returncode == 0
    assert not processes_naming(filled_folder)


def ask_given_database(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATA": str(folder / "data")}
    words = [sys.executable, "manage.py", "shell", "-v", "0", "-c", program]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_command_whose_commit_was_lost_reports_no_success(folder):
    done = ask_given_database(folder, LOSE_THE_COMMIT)
    assert (done.returncode, done.stderr) == (1, f"{COMMIT_UNKNOWN}\n")


def test_command_uses_a_given_database_without_starting_one(folder):
    """The test run's own server is named by DATABASE_URL: no other is started, DATA is not created."""
    done = ask_given_database(folder, ASK)
    assert done.returncode == 0, done.stderr
    assert not (folder / "data").exists()
