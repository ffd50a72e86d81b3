"""The one-command stack: its processes, their order and their environment."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import psycopg

from campus_helpdesk.local_stack import process
from campus_helpdesk.local_stack.data_dir import (
    ROOT,
    DirectoryUnusable,
    Lock,
    chosen_data_dir,
    files_url,
    keys,
    make_directory,
)
from campus_helpdesk.local_stack.environment import check_environment
from campus_helpdesk.local_stack.heartbeats import Heartbeats
from campus_helpdesk.local_stack.postgres_dirs import PostgresDirUnusable
from campus_helpdesk.local_stack.postgres_server import Postgres
from campus_helpdesk.local_stack.process import StartFailed
from campus_helpdesk.local_stack.site_socket import PortUnusable, SiteSocket, chosen_port
from campus_helpdesk.local_stack.supervisor import ManagedProcess, Stopped, Supervisor, print_line
from campus_helpdesk.local_stack.valkey_server import Valkey
from campus_helpdesk.local_stack.watchdog import Watchdog

SERVER_SECONDS = 90  # a recovery after a crash included
COMMAND_SECONDS = 86400  # a new release may migrate a million tickets; Ctrl-C ends it earlier
OLD_STACK_SECONDS = 15
WATCH_SECONDS = 0.1
POLL_SECONDS = 0.3
PROGRESS_SECONDS = 30
GUNICORN_SETTINGS = "deploy/gunicorn.py"
WORKER = ("worker", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
GATEWAY_MEMORY = "250000"  # kB: a child that has retrained is replaced, which frees its memory
# The variables that the analytics services inherit: no Django, no database, no SECRET_KEY.
INHERITED_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def run_stack() -> int:
    """Runs everything until asked to stop. Exit code 0 then, 1 if it cannot start."""
    supervisor = Supervisor()
    supervisor.listen_to_signals()
    folder = chosen_data_dir()
    lock = Lock(folder / "stack.lock")
    try:
        bind_timeout = OLD_STACK_SECONDS if lock.was_abandoned() else 0
        with closing(SiteSocket(chosen_port(), bind_timeout)) as site:
            check_environment()
            make_directory(folder)
            lock.take()
            try:
                Stack(folder, site, supervisor).run()
            finally:
                with _step("Stopping"):
                    supervisor.stop()
                lock.release()
    except (PortUnusable, DirectoryUnusable, PostgresDirUnusable, StartFailed) as error:
        print(error, file=sys.stderr)
        return 1
    except Stopped:
        pass
    return 0


@contextmanager
def _step(text: str) -> Iterator[None]:
    """Prints one line: what is being done, and how long it took."""
    print_line(f"{text} ...", end="")
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print_line("")
        raise
    print_line(f" {time.monotonic() - began:.1f} s")


class Stack:
    def __init__(self, folder: Path, site: SiteSocket, supervisor: Supervisor):
        self._folder = folder
        self._site = site
        self._supervisor = supervisor
        self._environment: dict[str, str] = {}

    def run(self) -> None:
        make_directory(self._folder / "log")
        database = os.environ.get("DATABASE_URL") or self._start_server(Postgres(self._folder))
        broker = os.environ.get("REDIS_URL") or self._start_server(Valkey(self._folder))
        self._environment = self._shared_environment(database, broker)
        heartbeats = Heartbeats(broker, self._environment["SERVICE_KEY"], self._site)
        heartbeats.forget()
        self._run_command("Migrating the database", "migrate", "--noinput")
        if os.environ.get("DEMO") != "0" and _has_no_ticket(database):
            self._run_command("Filling the empty database with the demo campus", "demo")
        self._start_processes()
        watchdog = Watchdog(heartbeats.read)
        while True:
            self._supervisor.watch()
            watchdog.watch(self._supervisor.processes())
            self._supervisor.pause(WATCH_SECONDS)

    def _shared_environment(self, database: str, broker: str) -> dict[str, str]:
        """For web, gateway, beat and commands. The caller's environment takes precedence."""
        defaults = {
            "HELPDESK_API_URL": f"{self._site.address}api/v1/",
            "SITE_URL": self._site.address,
            "PYTHONUNBUFFERED": "1",
            "RATE_LIMITS": "off",
            "FILES_URL": files_url(self._folder),
            "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings",
            "DATABASE_URL": database,
            "REDIS_URL": broker,
        }
        return {
            **defaults,
            **keys(self._folder),
            **{name: value for name, value in os.environ.items() if value},
        }

    def _analytics_environment(self) -> dict[str, str]:
        names = (*INHERITED_VARIABLES, "PYTHONUNBUFFERED", "REDIS_URL", "SERVICE_KEY", "HELPDESK_API_URL")
        known = {name: self._environment[name] for name in names if name in self._environment}
        return {"FACTS_FOLDER": str(self._folder / "facts")} | known

    def _start_server(self, server: Postgres | Valkey) -> str:
        """PostgreSQL or Valkey; its address stays the same over restarts."""
        with _step(f"Starting {server.name}"):
            server.prepare()
            managed = ManagedProcess(
                server.name, server.log, server.spawn, server.stop_signal, server.stop_seconds
            )
            self._supervisor.start(managed)
            notice = self._wait_for(server, managed)
        if notice:
            print_line(notice)
        return server.url

    def _wait_for(self, server: Postgres | Valkey, managed: ManagedProcess) -> str:
        """Returns a notice for the operator. If it exited, it is started again without its damaged files."""
        try:
            self._supervisor.wait(server.is_ready, SERVER_SECONDS, managed)
            return server.notice
        except StartFailed:
            if managed.process is not None or not (notice := server.quarantine_files()):
                raise
        managed.start()
        self._supervisor.wait(server.is_ready, SERVER_SECONDS, managed)
        return notice

    def _run_command(self, text: str, *arguments: str) -> None:
        """A command of manage.py as a child; raises StartFailed with the end of its output."""
        managed = self._python_process(arguments[0], ["django", *arguments])
        with _step(text):
            self._supervisor.run(managed, COMMAND_SECONDS)

    def _start_processes(self) -> None:
        print_line("Starting web, workers and beat ...")
        self._supervisor.start(self._web())
        self._supervisor.start(self._gateway_worker(), self._analytics_worker(), self._beat())
        self._wait_until_ready()
        print_line(f"Ready: {self._site.address}  (Ctrl-C stops it)")
        print_line(f"Logs: {self._folder / 'log'}")

    def _web(self) -> ManagedProcess:
        number = self._site.fileno()
        return self._python_process(
            "web", ["gunicorn", "-c", GUNICORN_SETTINGS, "--bind", f"fd://{number}"], keep=(number,)
        )

    def _gateway_worker(self) -> ManagedProcess:
        """Two children: while one retrains triage for half a minute, the other one runs the schedule."""
        options = ["-n", "gateway@%h", "-Q", "gateway", "-c", "2", "--max-memory-per-child", GATEWAY_MEMORY]
        arguments = ["celery", "-A", "campus_helpdesk", *WORKER, *options]
        return self._python_process("gateway-worker", arguments)

    def _analytics_worker(self) -> ManagedProcess:
        arguments = ["celery", "-A", "analytics_workers.app", *WORKER, "-n", "analytics@%h", "-c", "2"]
        return self._python_process("analytics-worker", arguments, self._analytics_environment())

    def _beat(self) -> ManagedProcess:
        schedule = str(self._folder / "beat-schedule")
        return self._python_process(
            "beat", ["celery", "-q", "-A", "campus_helpdesk", "beat", "--schedule", schedule]
        )

    def _python_process(
        self,
        name: str,
        module: list[str],
        environment: dict[str, str] | None = None,
        *,
        keep: tuple[int, ...] = (),
    ) -> ManagedProcess:
        """A Python module with its arguments; `keep` are open files that it inherits.

        A process whose supervisor was killed is also killed, so that port and directory are free at once.
        Nothing is lost: acknowledged changes and jobs are in the database, and jobs are published again.
        """

        def spawn(output: IO[bytes]) -> subprocess.Popen[bytes]:
            return process.spawn(
                [sys.executable, "-m", *module],
                env=environment or self._environment,
                output=output,
                cwd=ROOT,
                keep=keep,
            )

        return ManagedProcess(name, self._folder / "log" / f"{name}.log", spawn)

    def _wait_until_ready(self) -> None:
        """Restarts processes that exit in the meantime, and prints from time to time what is missing."""
        report_at = time.monotonic() + PROGRESS_SECONDS
        while (state := self._site.readiness()).get("status") != "ok":
            self._supervisor.watch()
            self._supervisor.pause(POLL_SECONDS)
            if time.monotonic() > report_at:
                print_line(f"Not ready yet: {json.dumps(state)}")
                report_at += PROGRESS_SECONDS


def _has_no_ticket(database: str) -> bool:
    with psycopg.connect(database, connect_timeout=3) as connection:
        return connection.execute("SELECT 1 FROM tickets_ticket LIMIT 1").fetchone() is None
