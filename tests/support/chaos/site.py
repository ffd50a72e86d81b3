"""A whole helpdesk of real processes in a folder of its own: the processes of the one-command stack.

They are started, and given their environment, by the stack's own code; what is added here is the right to
kill them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg
from redis import Redis

from campus_helpdesk.local_stack.data_dir import ROOT
from campus_helpdesk.local_stack.postgres_server import Postgres
from campus_helpdesk.local_stack.site_socket import SiteSocket as Address
from campus_helpdesk.local_stack.valkey_server import Valkey, free_port
from common.service_keys import broker_prefix
from tests.support.chaos.directories import KEYS, copy_template
from tests.support.chaos.parts import ForgetfulValkey, Parts
from tests.support.chaos.programs import SECONDS, Program, server_program, wait_until
from tests.support.chaos.wires import Wires

PARTS = ("database", "broker", "web", "gateway", "worker", "beat")


class Site:
    """One helpdesk. Nothing runs before `start()`.

    processes: gunicorn's. aof: whether the broker has persistence. rates: the value of RATE_LIMITS. wires:
    those of WIRES that are between two processes, as `site.wires["web-database"]`. environment: for all
    programs.
    """

    def __init__(
        self,
        folder: Path,
        *,
        processes: int = 2,
        aof: bool = True,
        rates: str = "off",
        wires: tuple[str, ...] = (),
        environment: dict[str, str] | None = None,
    ):
        self.folder = folder
        self.faults_folder = folder / "faults"
        self.faults_folder.mkdir(parents=True)
        self._addresses = [Address(free_port())]
        self._extra = {
            "GUNICORN_CMD_ARGS": f"--workers {processes}",
            "RATE_LIMITS": rates,
            "FAULTS": "1",
            "FAULTS_FOLDER": str(self.faults_folder),
        } | (environment or {})
        copy_template(folder)
        self._postgres, self._valkey = Postgres(folder), (Valkey if aof else ForgetfulValkey)(folder)
        self.database = server_program(self._postgres)
        self.broker = server_program(self._valkey)
        self.wires = Wires(
            wires, database=self._postgres.url, broker=self._valkey.url, port=self._addresses[0].port
        )
        self.programs = {"database": self.database, "broker": self.broker}
        self.web, self.gateway, self.worker, self.beat = map(self.add, PARTS[2:])

    @property
    def url(self) -> str:
        """Without a trailing slash."""
        return self._addresses[0].address.rstrip("/")

    def start(self, *names: str) -> None:
        """These processes, or all; ready in the sense of /readyz afterwards."""
        for name in names or PARTS:
            self.programs[name].start()
        self.wait_ready()

    def add(self, name: str, **environment: str) -> Program:
        """Another "web", "gateway", "worker" or "beat", as on another machine; not started yet.

        Another web has an address of its own: `site.urls[-1]`.
        """
        number = 1 + sum(known.split("-")[0] == name for known in self.programs)
        folder = self.folder if number == 1 else self.folder / str(number)
        if name == "web" and number > 1:
            self._addresses.append(Address(free_port()))
        address = self._addresses[-1 if name == "web" else 0]
        part = Parts(folder, address, self.environment(name) | environment, self._extra).part(name)
        url = address.address
        program = Program(part, (lambda: answers(f"{url}healthz")) if name == "web" else lambda: True)
        self.programs[name if number == 1 else f"{name}-{number}"] = program
        return program

    @property
    def urls(self) -> list[str]:
        return [address.address.rstrip("/") for address in self._addresses]

    def environment(self, name: str = "") -> dict[str, str]:
        """The environment of a process or command: its connections go through the wires that exist."""
        own = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
        database = self.wires.url("web-database") if name == "web" else None
        broker = self.wires.url({"web": "web-broker", "worker": "worker-broker"}.get(name, ""))
        api = self.wires.url("worker-web") if name == "worker" else None
        return {
            **own,
            **KEYS,
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings",
            "DATABASE_URL": database or self._postgres.url,
            "REDIS_URL": broker or self._valkey.url,
            "HELPDESK_API_URL": f"{api or self.url}/api/v1/",
        }

    def readiness(self) -> dict:
        return self._addresses[0].readiness()

    def wait_ready(self, seconds: float = SECONDS) -> dict:
        """Waits until /readyz is true for every process that was started. A dead process' heartbeat stays
        young for a while: ask the database or the log if it matters which of two is meant."""
        fields = {"database": "db", "broker": "broker", "worker": "worker", "beat": "beat"}
        wanted = [field for name, field in fields.items() if self.programs[name].is_alive]
        if not self.gateway.is_alive and "beat" in wanted:
            wanted.remove("beat")  # its tick is written by the gateway's worker
        if not self.web.is_alive:
            return {}
        seen: dict = {}

        def is_ready() -> bool:
            seen.update(self.readiness())
            return all(seen.get(field) for field in wanted)

        try:
            wait_until(is_ready, seconds, f"{wanted} are ready")
        except AssertionError as error:
            raise AssertionError(f"{error}: {seen}") from None
        return seen

    def manage(self, *words: str, **options) -> subprocess.CompletedProcess[str]:
        """A command of manage.py; AssertionError with its output if it fails, unless check=False."""
        is_checked = options.pop("check", True)
        command = [sys.executable, str(ROOT / "manage.py"), *map(str, words)]
        environment = self.environment() | self._extra | options.pop("environment", {})
        done = subprocess.run(
            command, env=environment, cwd=ROOT, text=True, capture_output=True, check=False, **options
        )
        assert not is_checked or done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done

    def ask(self, statement: str, *values: object) -> list[tuple]:
        """Rows directly from the database, bypassing any wire."""
        with psycopg.connect(self._postgres.url, connect_timeout=3, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def count(self, rows: str, *values: object) -> int:
        """`rows` as after FROM: a table, and a condition."""
        return self.ask(f"SELECT count(*) FROM {rows}", *values)[0][0]

    def redis(self) -> Redis:
        """Directly to the broker."""
        return Redis.from_url(self._valkey.url)

    def named(self, key: str) -> str:
        """The broker's name of one of our keys."""
        return broker_prefix(KEYS["SERVICE_KEY"]) + key

    def broken_invariants(self) -> list[str]:
        """What check_invariants finds in the database."""
        done = self.manage("check_invariants", check=False)
        return [] if done.returncode == 0 else [done.stdout, done.stderr]

    @property
    def kills(self) -> int:
        return sum(program.kills for program in self.programs.values())

    def close(self) -> None:
        for program in reversed(self.programs.values()):
            if program.part.process is not None:
                program.kill() if program not in (self.database, self.broker) else program.stop()
        for wire in self.wires.values():
            wire.close()
        for address in self._addresses:
            address.close()
        for server in (self._postgres, self._valkey):
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=3).status_code == 200
    except httpx.HTTPError:
        return False
