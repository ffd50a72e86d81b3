"""Many analyses: requested over HTTP, followed in the database, while processes are made to fail."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.programs import Program, wait_until
from tests.support.chaos.site import PROCESSES, Site
from tests.support.chaos.stack_processes import StackProcesses

FINAL = ("done", "failed", "expired", "cancelled")
RECOVERY_SECONDS = 60
WORKER = ("--without-gossip", "--without-mingle", "--loglevel", "INFO", "-n", "faulty@%h")


@dataclass(frozen=True)
class Row:
    id: str
    state: str
    attempts: int
    reason: str
    results: int
    took: timedelta | None


class ExtendedSite(Site):
    """A helpdesk with further processes that have other arguments or another environment."""

    def recover(self) -> None:
        """Starts all standard processes, releases those that wait at a hook, and stops the added ones."""
        for path in self.faults_folder.iterdir():
            path.unlink()
        for name, program in self.programs.items():
            if name in PROCESSES and not program.is_alive:
                program.start()
            elif name not in PROCESSES and program.is_alive:
                program.kill()
            elif program.is_alive:
                program.thaw()
        self.wait_ready()

    def add_process(self, name: str, module: list[str], **environment: str) -> Program:
        """`module` with its arguments, as `name` ("web", "gateway", "worker", "beat"); not started yet."""
        folder = self.folder / f"added-{len(self.programs)}"
        extra = self._extra | environment
        processes = StackProcesses(folder, self._addresses[0], self.environment(name), extra)
        own = processes._analytics_environment() if name == "worker" else None
        self.programs[folder.name] = Program(processes._python_process(folder.name, module, own))
        return self.programs[folder.name]

    def add_worker(self, app: str, *options: str, children: int = 2, **environment: str) -> Program:
        """An analytics worker whose app is a module of the tests."""
        module = ["celery", "-A", app, "worker", *WORKER, "-c", str(children), *options]
        return self.add_process("worker", module, **environment)


class Jobs:
    """The analyses of one person of the helpdesk."""

    def __init__(self, site: Site, url: str = ""):
        self.site, self.ids = site, list[str]()
        self.person = HelpdeskClient(url or site.url, "helpdesk", "Hedda", timeout=60).enter()

    def request(self, count: int = 1, service: str = "active-by-category", **params: object) -> list[str]:
        """Requests that many; if the queue is full, waits until there is room. Returns their ids."""
        ids = []
        for _ in range(count):
            answer = wait_until(
                lambda: self._request_once(service, params), what="there is room in the queue"
            )
            assert answer.status_code == 202, answer.text
            ids.append(answer.json()["id"])
            self.ids.append(ids[-1])
        return ids

    def _request_once(self, service: str, params: dict[str, object]) -> httpx.Response | None:
        answer = self.person.analyse(service, is_fresh=True, **params)
        return None if answer.status_code == 503 else answer

    def rows(self, ids: list[str] | None = None) -> list[Row]:
        found = self.site.query(
            "SELECT id::text, state, attempts, reason, count(analysis_id), finished_at - requested_at"
            " FROM analytics_gateway_analysis LEFT JOIN analytics_gateway_analysischart ON analysis_id = id"
            " WHERE id = ANY(%s::uuid[]) GROUP BY id ORDER BY requested_at",
            self.ids if ids is None else ids,
        )
        return [Row(*row) for row in found]

    def states(self, ids: list[str] | None = None) -> Counter[str]:
        return Counter(row.state for row in self.rows(ids))

    def unfinished(self, ids: list[str] | None = None) -> list[Row]:
        return [row for row in self.rows(ids) if row.state not in FINAL]

    def wait_for(self, state: str, ids: list[str], seconds: float = 90) -> None:
        wait_until(
            lambda: self.states(ids)[state] == len(ids), seconds, f"{len(ids)} {state}: {self.states(ids)}"
        )

    def wait_final(self, ids: list[str] | None = None, seconds: float = 180) -> float:
        """Waits until all have ended; returns how many seconds it took."""
        began = time.monotonic()
        while self.unfinished(ids):
            assert time.monotonic() - began < seconds, f"stuck: {self.unfinished(ids)[:5]}"
            time.sleep(0.1)
        return time.monotonic() - began

    def age_rows(self, seconds: float, *columns: str, ids: list[str]) -> None:
        """Moves times of the unfinished ones that far into the past, instead of waiting."""
        moves = ", ".join(f"{name} = {name} - make_interval(secs => {seconds})" for name in columns)
        self.site.query(
            f"UPDATE analytics_gateway_analysis SET {moves}"
            " WHERE id = ANY(%s::uuid[]) AND finished_at IS NULL",
            ids,
        )

    def cancel_all(self) -> None:
        """Cancels what is unfinished, so that the next test starts with an empty queue."""
        self.site.query(
            "UPDATE analytics_gateway_analysis SET state = 'cancelled', finished_at = now(), phase = '',"
            " percent = NULL, lease_until = NULL WHERE state IN ('queued', 'running')"
        )


def hold(site: Site, hook: str) -> Path:
    """Makes every process that reaches this hook wait there until `release`."""
    path = site.faults_folder / hook
    path.touch()
    return path


def release(site: Site, hook: str) -> None:
    for path in site.faults_folder.glob(f"{hook}*"):
        path.unlink(missing_ok=True)


def is_waiting_at(site: Site, hook: str, pids: Callable[[], list[int]], count: int = 1) -> Callable[[], bool]:
    """A condition for wait_until: that many of these processes are waiting at the hook."""
    return lambda: sum((site.faults_folder / f"{hook}.{pid}").exists() for pid in pids()) >= count


def count_wrong_results(jobs: Jobs) -> int:
    """Analyses that do not have exactly one stored result if they are done, and none if they are not."""
    return sum(row.results != (row.state == "done") for row in jobs.rows())
