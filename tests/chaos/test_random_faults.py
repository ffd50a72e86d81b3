"""Clients write, jobs run, and every few seconds another process or connection fails."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx
import pytest

from tests.support.chaos.jobs import Jobs, count_wrong_results
from tests.support.chaos.programs import wait_until
from tests.support.chaos.site import Site
from tests.support.chaos.write_log import WriteLog
from tests.support.chaos.writers import Writers

WRITERS, MAX_FAULT_SECONDS = 4, 4.0
CONNECTIONS = ("web-database", "worker-web", "worker-broker")


@dataclass(frozen=True)
class Fault:
    name: str
    begin: Callable[[Site], object]
    end: Callable[[Site], object] = lambda site: None


def kill(name: str) -> Fault:
    return Fault(
        f"kill {name}", lambda site: site.programs[name].kill(), lambda site: site.programs[name].start()
    )


def freeze(name: str) -> Fault:
    return Fault(
        f"freeze {name}", lambda site: site.programs[name].freeze(), lambda site: site.programs[name].thaw()
    )


def kill_child(name: str) -> Fault:
    return Fault(f"kill a child of {name}", lambda site: site.programs[name].kill_child())


def disturb(name: str, mode: str) -> Fault:
    return Fault(
        f"{name}: {mode}",
        lambda site: site.proxies[name].set(mode),
        lambda site: site.proxies[name].set("pass"),
    )


FAULTS = [
    *map(kill, ["web", "worker", "gateway", "beat", "broker"]),
    *map(freeze, ["web", "worker", "gateway", "beat", "broker", "database"]),
    *map(kill_child, ["web", "worker", "gateway"]),
    *[disturb(name, mode) for name in CONNECTIONS for mode in ("refuse", "reset", "blackhole", "latency")],
    *[disturb("worker-web", mode) for mode in ("truncate", "garbage")],
    Fault("stop database", lambda site: site.database.stop_immediately(), lambda site: site.database.start()),
    Fault("empty broker", Site.flush_broker),
]


def wait(seconds: float) -> None:
    threading.Event().wait(seconds)


@contextmanager
def requesting_analyses(jobs: Jobs) -> Iterator[None]:
    """Requests an analysis per second while the block runs; failed requests are ignored."""
    is_over = threading.Event()

    def request() -> None:
        while not is_over.wait(1):
            with suppress(httpx.TransportError):
                jobs.request()

    thread = threading.Thread(target=request)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@pytest.mark.fault_full
@pytest.mark.parametrize("run", [1, 2])
def test_random_faults_lose_and_duplicate_nothing(make_site, run, figures, write_log):
    seed = random.randrange(10**6)
    print(f"seed={seed}")
    site = make_site(proxies=CONNECTIONS)
    site.start()
    run_random_faults(site, random.Random(seed), write_log, figures)


def run_random_faults(site: Site, rng: random.Random, write_log: WriteLog, figures) -> None:
    jobs = Jobs(site)
    faults = 0
    with Writers(site, write_log, WRITERS).running(), requesting_analyses(jobs):
        until = time.monotonic() + 180
        while time.monotonic() < until:
            fault = rng.choice(FAULTS)
            print(fault.name, flush=True)
            fault.begin(site)
            wait(rng.uniform(0.5, MAX_FAULT_SECONDS))
            fault.end(site)
            faults += 1
            wait(rng.uniform(0, 3))
    last_fault = time.monotonic()
    state = site.wait_ready(120)
    seconds = time.monotonic() - last_fault
    assert state["db"]
    stuck = wait_for_jobs(jobs)
    write_log.stuck += stuck
    print(dict(jobs.states()))
    write_log.print_summary(site)
    assert write_log.entries
    assert jobs.ids
    lost, duplicated, wrong = (
        len(write_log.lost(site)),
        len(write_log.duplicated(site)),
        count_wrong_results(jobs),
    )
    figures.record(
        "random_faults",
        f"writes lost of {len(write_log.entries)}, {faults} faults",
        lost,
        goal="0",
        is_met=lost == 0,
    )
    figures.record("random_faults", "writes duplicated", duplicated, goal="0", is_met=duplicated == 0)
    figures.record("random_faults", f"jobs stuck of {len(jobs.ids)}", stuck, goal="0", is_met=stuck == 0)
    figures.record(
        "random_faults", "jobs without exactly one stored result", wrong, goal="0", is_met=wrong == 0
    )
    figures.record("random_faults", "seconds until healthy", round(seconds), goal="60", is_met=seconds <= 60)
    assert not site.violated_rules()


def wait_for_jobs(jobs: Jobs) -> int:
    """How many are still unfinished three minutes after the site is healthy."""
    try:
        wait_until(lambda: not jobs.unfinished(), 180)
    except AssertionError:
        return len(jobs.unfinished())
    return 0
