"""The whole stack as a person starts it: `manage.py run`."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import redis

from campus_helpdesk.local_stack.data_dir import ROOT
from campus_helpdesk.local_stack.heartbeats import Heartbeats
from campus_helpdesk.local_stack.site_socket import SiteSocket
from campus_helpdesk.local_stack.stack import Stack
from campus_helpdesk.local_stack.supervisor import Supervisor
from campus_helpdesk.local_stack.valkey_server import Valkey, free_port
from common.service_keys import broker_prefix
from tests.support.processes import command_line, processes_naming, wait_until

SERVERS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SERVICE_KEY", "HELPDESK_API_URL", "CAMPUS_TIME_ZONE")
READY_SECONDS = 90


class Running:
    """A stack without demo data, and its output so far."""

    def __init__(self, data: Path, port: int, **given: str):
        self.port = port
        self.log = data.parent / f"{data.name}.{port}.out"
        environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=ROOT,
                env={**environment, "DATA": str(data), "PORT": str(port), "DEMO": "0", **given},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def output(self) -> str:
        return self.log.read_text()

    def wait_ready(self, times: int = 1) -> None:
        wait_until(
            lambda: self.output().count("Ready: ") == times or self.process.poll() is not None, READY_SECONDS
        )
        assert self.process.poll() is None, self.output()

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()

    @contextmanager
    def half_a_request(self) -> Iterator[None]:
        """A visitor whose form never arrives: a thread of the web server waits for the rest."""
        with socket.create_connection(("127.0.0.1", self.port)) as visitor:
            visitor.sendall(b"POST /enter/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nrole")
            yield

    def readiness(self) -> dict:
        return json.loads(self.get("/readyz")[1])

    def children(self) -> dict[str, int]:
        """Part to process, recognised by an argument of its command line."""
        words = {
            "postgres": "bin/postgres",
            "web": "gunicorn",
            "analytics": "analytics_workers.app",
            "beat": "beat",
        }
        command = {pid: command_line(pid) for pid in self._pids()}
        return {name: pid for name, word in words.items() for pid, line in command.items() if word in line}

    def _pids(self) -> list[int]:
        pid = self.process.pid
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_stack_refuses_a_port_in_use(folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        stack = Running(folder / "data", port)
        assert stack.process.wait(20) == 1
    assert len(stack.output().splitlines()) == 1
    assert str(port) in stack.output()
    assert not (folder / "data").exists()


def test_stack_runs_restarts_processes_and_stops(folder):
    """One life of a stack, in one test because a start takes seconds: ready, a process killed, itself killed,
    another start on the same data, a second stack on the same data refused, Ctrl-C."""
    data, port = folder / "data", free_port()
    stack = Running(data, port)
    stack.wait_ready()
    assert stack.readiness()["status"] == "ok"
    assert f"Ready: http://127.0.0.1:{port}/  (Ctrl-C stops it)\n" in stack.output()

    check_that_every_request_queues_anew(stack)
    check_that_nobody_waits_for_those_who_do_not_close(stack)
    check_that_the_services_know_no_secret(stack)
    check_that_a_killed_part_comes_back(stack, "web")
    check_that_a_killed_part_comes_back(stack, "postgres")

    with stack.half_a_request():
        os.kill(stack.process.pid, signal.SIGKILL)
        stack.process.wait()
        SiteSocket(port, bind_timeout=2).close()
        stack = Running(data, port)
        stack.wait_ready(times=2)
    assert stack.readiness()["status"] == "ok"

    second = Running(data, free_port())
    assert second.process.wait(20) == 1
    assert len(second.output().splitlines()) == 1
    assert f"is in use by process {stack.process.pid}" in second.output()

    began = time.monotonic()
    os.killpg(stack.process.pid, signal.SIGINT)
    assert stack.process.wait(25) == 0
    assert time.monotonic() - began < 25
    assert not processes_naming(folder)


def check_that_every_request_queues_anew(stack: Running) -> None:
    """Kept connections would let clients wait for one process while another one is idle."""
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.port}", trust_env=False) as visitor:
        assert {visitor.get("/healthz").headers.get("Connection") for _ in range(4)} == {"close"}


def check_that_nobody_waits_for_those_who_do_not_close(stack: Running) -> None:
    with ExitStack() as held:
        for _ in range(6):
            visitor = held.enter_context(socket.create_connection(("127.0.0.1", stack.port), 10))
            visitor.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert visitor.recv(4096).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        assert stack.get("/healthz")[0] == 200
        assert time.monotonic() - began < 1


def check_that_the_services_know_no_secret(stack: Running) -> None:
    environment = Path(f"/proc/{stack.children()['analytics']}/environ").read_text()
    names = {entry.split("=")[0] for entry in environment.split("\0") if entry}
    assert {"REDIS_URL", "SERVICE_KEY", "HELPDESK_API_URL"} <= names
    assert not names & {"SECRET_KEY", "DATABASE_URL", "DJANGO_SETTINGS_MODULE"}


def check_that_a_killed_part_comes_back(stack: Running, name: str) -> None:
    """Nobody is refused meanwhile: the supervisor holds the port."""
    old = stack.children()[name]
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: stack.children().get(name, old) != old, 15)
    wait_until(lambda: stack.get("/")[0] == 200, 15)


def test_stack_can_be_stopped_while_it_starts(folder, pool):
    pool.lend(folder / "data")
    stack = Running(folder / "data", free_port())
    wait_until(lambda: "Migrating" in stack.output(), 60)
    stack.process.terminate()
    assert stack.process.wait(25) == 0
    assert not processes_naming(folder)


def test_only_heartbeats_of_an_earlier_run_are_deleted(folder):
    with (
        Valkey(folder) as broker,
        redis.Redis.from_url(broker.url) as client,
        closing(SiteSocket(free_port())) as site,
    ):
        ours, theirs = (f"{broker_prefix(key)}heartbeat:beat" for key in ("ours", "theirs"))
        for key in (ours, theirs):
            client.set(key, time.time(), ex=600)
        Heartbeats(broker.url, "ours", site).forget()
        assert (client.exists(ours), client.exists(theirs)) == (0, 1)


def test_stack_uses_given_servers_and_reports_why_it_cannot_start(folder):
    nowhere = free_port()
    stack = Running(
        folder / "data",
        free_port(),
        DATABASE_URL=f"postgres://helpdesk:none@127.0.0.1:{nowhere}/helpdesk",
        REDIS_URL=f"redis://127.0.0.1:{nowhere}/0",
    )
    assert stack.process.wait(30) == 1
    (line,) = stack.output().splitlines()
    assert line.startswith("DATABASE_URL: connection failed")
    assert line.endswith("Connection refused")
    assert not (folder / "data").exists()


def test_stack_starts_with_a_damaged_broker_file_and_reports_it(folder, capsys):
    with Valkey(folder) as server, redis.Redis.from_url(server.url) as client:
        client.set("word", "kept")
    (file,) = (folder / "valkey/appendonlydir").glob("*.incr.aof")
    file.write_bytes(file.read_bytes().replace(b"SET", b"???"))
    supervisor, server = Supervisor(), Valkey(folder)
    with closing(SiteSocket(free_port())) as site:
        try:
            url = Stack(folder, site, supervisor)._start_server(server)
            assert redis.Redis.from_url(url).ping()
        finally:
            supervisor.stop()
            server.stop()
    assert "they were moved to" in capsys.readouterr().out


def test_rate_limits_are_off_by_default(folder, monkeypatch):
    with closing(SiteSocket(free_port())) as site:
        stack = Stack(folder / "data", site, Supervisor())
        monkeypatch.delenv("RATE_LIMITS", raising=False)
        assert stack._shared_environment("database", "broker")["RATE_LIMITS"] == "off"
        monkeypatch.setenv("RATE_LIMITS", "on")
        assert stack._shared_environment("database", "broker")["RATE_LIMITS"] == "on"
