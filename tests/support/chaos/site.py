"""A whole helpdesk of real processes in its own data directory: the processes of the one-command stack.

The stack's own code starts them and gives them their environment; tests can kill and freeze each of them.
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
from tests.support.chaos.programs import SECONDS, Program, server_program, wait_until
from tests.support.chaos.stack_processes import StackProcesses, UnpersistedValkey
from tests.support.chaos.tcp_proxies import TcpProxies

PROCESSES = ("database", "broker", "web", "gateway", "worker", "beat")


class Site:
    """One helpdesk. Nothing runs before `start()`.

    processes: gunicorn's. aof: whether the broker has persistence. rates: the value of RATE_LIMITS. proxies:
    the connections (of CONNECTIONS) that go through a proxy, such as `site.proxies["web-database"]`.
    environment: for all programs.
    """

    def __init__(
        self,
        folder: Path,
        *,
        processes: int = 2,
        aof: bool = True,
        rates: str = "off",
        proxies: tuple[str, ...] = (),
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
        self._postgres, self._valkey = Postgres(folder), (Valkey if aof else UnpersistedValkey)(folder)
        self.database = server_program(self._postgres)
        self.broker = server_program(self._valkey)
        self.proxies = TcpProxies(
            proxies, database=self._postgres.url, broker=self._valkey.url, port=self._addresses[0].port
        )
        self.programs = {"database": self.database, "broker": self.broker}
        self.web, self.gateway, self.worker, self.beat = map(self.add, PROCESSES[2:])

    @property
    def url(self) -> str:
        """Without a trailing slash."""
        return self._addresses[0].address.rstrip("/")

    def start(self, *names: str) -> None:
        """Starts these processes, or all, and waits until /readyz reports them ready."""
        for name in names or PROCESSES:
            self.programs[name].start()
        self.wait_ready()

    def add(self, name: str, **environment: str) -> Program:
        """Another "web", "gateway", "worker" or "beat", as on another machine; not started yet.

        Another web process has its own address: `site.urls[-1]`.
        """
        number = 1 + sum(known.split("-")[0] == name for known in self.programs)
        folder = self.folder if number == 1 else self.folder / str(number)
        if name == "web" and number > 1:
            self._addresses.append(Address(free_port()))
        address = self._addresses[-1 if name == "web" else 0]
        processes = StackProcesses(folder, address, self.environment(name) | environment, self._extra)
        url = f"{address.address}healthz"
        program = Program(processes.make(name), (lambda: answers(url)) if name == "web" else lambda: True)
        self.programs[name if number == 1 else f"{name}-{number}"] = program
        return program

    @property
    def urls(self) -> list[str]:
        return [address.address.rstrip("/") for address in self._addresses]

    def environment(self, name: str = "") -> dict[str, str]:
        """The environment of a process or command: its connections go through the proxies that exist."""
        own = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
        database = self.proxies.url("web-database") if name == "web" else None
        broker = self.proxies.url({"web": "web-broker", "worker": "worker-broker"}.get(name, ""))
        api = self.proxies.url("worker-web") if name == "worker" else None
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
        """Waits until /readyz is true for every process that was started. The last heartbeat of a dead
        process counts for a while: to distinguish two processes, read the database or the log."""
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

    def manage(self, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
        """Runs a command of manage.py. AssertionError with its output if it fails, unless check=False."""
        is_checked = options.pop("check", True)
        command = [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]
        environment = self.environment() | self._extra | options.pop("environment", {})
        done = subprocess.run(
            command, env=environment, cwd=ROOT, text=True, capture_output=True, check=False, **options
        )
        assert not is_checked or done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    def query(self, statement: str, *values: object) -> list[tuple]:
        """Rows directly from the database, bypassing any proxy."""
        with psycopg.connect(self._postgres.url, connect_timeout=3, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def count(self, rows: str, *values: object) -> int:
        """`rows` as after FROM: a table, and a condition."""
        return self.query(f"SELECT count(*) FROM {rows}", *values)[0][0]

    def redis(self) -> Redis:
        """Directly to the broker."""
        return Redis.from_url(self._valkey.url)

    def flush_broker(self) -> None:
        with self.redis() as redis:
            redis.flushall()

    def prefixed(self, key: str) -> str:
        """The key as the site names it in the broker."""
        return broker_prefix(KEYS["SERVICE_KEY"]) + key

    def violated_rules(self) -> list[str]:
        """The output of check_invariants if it finds violations, else empty."""
        done = self.manage("check_invariants", check=False)
        return [] if done.returncode == 0 else [done.stdout, done.stderr]

    @property
    def kills(self) -> int:
        return sum(program.kills for program in self.programs.values())

    def close(self) -> None:
        for program in reversed(self.programs.values()):
            if program.managed.process is not None:
                program.kill() if program not in (self.database, self.broker) else program.stop()
        for proxy in self.proxies.values():
            proxy.close()
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
