"""A whole helpdesk of real processes in a folder of its own: the parts of the one-command stack, by hand.

What starts them, and with which environment, is the stack's own code; what is added here is the right to
kill them.
"""

import atexit
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import psycopg
from psycopg.conninfo import conninfo_to_dict

from campus_helpdesk.embedded.folder import ROOT
from campus_helpdesk.embedded.postgres import NAME, Postgres
from campus_helpdesk.embedded.site import HOST
from campus_helpdesk.embedded.site import Site as Address
from campus_helpdesk.embedded.stack import Stack
from campus_helpdesk.embedded.supervisor import Part, Supervisor
from campus_helpdesk.embedded.valkey import Valkey, free_port
from tests.faults.programs import SECONDS, Program, server_program, wait_until
from tests.faults.wire import Wire

PARTS = ("database", "broker", "web", "gateway", "worker", "beat")
WIRES = ("web-database", "web-broker", "worker-broker", "worker-web")
KEYS = {"SECRET_KEY": secrets.token_urlsafe(48), "SERVICE_KEY": secrets.token_urlsafe(48)}


class Parts(Stack):
    """The stack's parts with an environment of ours, without its supervisor."""

    def __init__(self, folder: Path, address: Address, environment: dict[str, str], extra: dict[str, str]):
        super().__init__(folder, address, Supervisor())
        self._environment, self._extra = environment | extra, extra
        (folder / "log").mkdir(parents=True, exist_ok=True)

    def part(self, name: str) -> Part:
        makers = {"web": self._web, "gateway": self._gateway_worker, "worker": self._analytics_worker}
        return (makers | {"beat": self._beat})[name]()

    def _analytics_environment(self) -> dict[str, str]:
        return super()._analytics_environment() | self._extra


class Forgetful(Valkey):
    """Starts empty after each end."""

    def _settings(self) -> list[str]:
        return ["appendonly no" if line == "appendonly yes" else line for line in super()._settings()]


class Site:
    """One helpdesk. Nothing runs before `start()`.

    processes: gunicorn's. aof: whether the broker remembers. rates: the value of RATE_LIMITS. wires: those
    of WIRES that lie between two parts, as `site.wires["web-database"]`. environment: for all programs.
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
        self._postgres, self._valkey = Postgres(folder), (Valkey if aof else Forgetful)(folder)
        self.database = server_program(self._postgres)
        self.broker = server_program(self._valkey)
        self.wires: dict[str, Wire] = {}
        self.programs = {"database": self.database, "broker": self.broker}
        self._make_wires(wires)
        self.web, self.gateway, self.worker, self.beat = map(self.add, PARTS[2:])

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return self._addresses[0].address.rstrip("/")

    def start(self, *names: str) -> None:
        """These parts, or all; ready in the sense of /readyz afterwards."""
        for name in names or PARTS:
            self.programs[name].start()
        self.wait_ready()

    def add(self, name: str) -> Program:
        """Another "web", "gateway", "worker" or "beat", as on another machine; not started yet.

        Another web has an address of its own: `site.urls[-1]`.
        """
        number = 1 + sum(known.split("-")[0] == name for known in self.programs)
        folder = self.folder if number == 1 else self.folder / str(number)
        if name == "web" and number > 1:
            self._addresses.append(Address(free_port()))
        address = self._addresses[-1 if name == "web" else 0]
        part = Parts(folder, address, self.environment(name), self._extra).part(name)
        url = address.address
        program = Program(part, (lambda: answers(f"{url}healthz")) if name == "web" else lambda: True)
        self.programs[name if number == 1 else f"{name}-{number}"] = program
        return program

    @property
    def urls(self) -> list[str]:
        return [address.address.rstrip("/") for address in self._addresses]

    def environment(self, name: str = "") -> dict[str, str]:
        """What a part, or a command, is told: its way to the others goes over the wires there are."""
        own = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
        database = self._wire_url("web-database") if name == "web" else None
        broker = self._wire_url({"web": "web-broker", "worker": "worker-broker"}.get(name, ""))
        api = self._wire_url("worker-web") if name == "worker" else None
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
        """Until /readyz says yes for every part that was started. A dead part's heartbeat is young for a
        while: ask the database or the log where it matters which of two is meant."""
        fields = {"database": "db", "broker": "broker", "worker": "worker", "beat": "beat"}
        wanted = [field for name, field in fields.items() if self.programs[name].is_alive]
        if not self.gateway.is_alive and "beat" in wanted:
            wanted.remove("beat")  # its tick is told by the gateway's worker
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
        """A command of manage.py; AssertionError with its words where it fails, unless check=False."""
        is_checked = options.pop("check", True)
        command = [sys.executable, str(ROOT / "manage.py"), *map(str, words)]
        environment = self.environment() | self._extra | options.pop("environment", {})
        done = subprocess.run(
            command, env=environment, cwd=ROOT, text=True, capture_output=True, check=False, **options
        )
        assert not is_checked or done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done

    def ask(self, statement: str, *values: object) -> list[tuple]:
        """Rows straight from the database, beside any wire."""
        with psycopg.connect(self._postgres.url, connect_timeout=3, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

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

    def _make_wires(self, names: tuple[str, ...]) -> None:
        assert set(names) <= set(WIRES), names
        for name in names:
            if name == "worker-web":
                self.wires[name] = Wire((HOST, self._addresses[0].port))
            elif name == "web-database":
                known = conninfo_to_dict(self._postgres.url)
                host, port = str(known["host"]), int(known.get("port") or 5432)
                self.wires[name] = Wire(f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port))
            else:
                known_url = urlsplit(self._valkey.url)
                is_socket = known_url.scheme == "unix"
                self.wires[name] = Wire(known_url.path if is_socket else (HOST, known_url.port or 0))

    def _wire_url(self, name: str) -> str | None:
        if name not in self.wires:
            return None
        place = f"{HOST}:{self.wires[name].port}"
        if name == "web-database":
            password = conninfo_to_dict(self._postgres.url)["password"]
            return f"postgres://{NAME}:{quote(str(password), safe='')}@{place}/{NAME}"
        if name == "worker-web":
            return f"http://{place}"
        password = urlsplit(self._valkey.url).password
        return f"redis://{f':{password}@' if password else ''}{place}/0"


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=3).status_code == 200
    except httpx.HTTPError:
        return False


def make_place() -> Path:
    """A folder with a short path, so that sockets fit; open for passing, as the database's account needs."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    folder.chmod(0o711)
    return folder


@cache
def template() -> Path:
    """A migrated empty database, made once in a test run."""
    folder = make_place()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with Postgres(folder) as server:
        environment = os.environ | KEYS | {"DATABASE_URL": server.url}
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--noinput", "--verbosity", "0"]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
    return folder


def copy_template(folder: Path) -> None:
    """Owners and modes as they are."""
    names = ["postgres", "postgres-password"]
    subprocess.run(["cp", "-a", *(str(template() / name) for name in names), str(folder)], check=True)
