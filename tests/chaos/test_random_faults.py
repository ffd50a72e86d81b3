"""Everything at once: people write, jobs run, and every few seconds another process fails."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx
import pytest

from tests.support.chaos.jobs import Jobs, stored_wrong
from tests.support.chaos.ledger import Ledger
from tests.support.chaos.programs import wait_until
from tests.support.chaos.site import Site
from tests.support.chaos.writers import Writers

WRITERS, LONGEST_FAULT = 4, 4.0
WIRES = ("web-database", "worker-web", "worker-broker")


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


def spoil(name: str, mode: str) -> Fault:
    return Fault(
        f"{name}: {mode}", lambda site: site.wires[name].set(mode), lambda site: site.wires[name].set("pass")
    )


def empty_broker(site: Site) -> None:
    with site.redis() as redis:
        redis.flushall()


FAULTS = [
    *map(kill, ["web", "worker", "gateway", "beat", "broker"]),
    *map(freeze, ["web", "worker", "gateway", "beat", "broker", "database"]),
    *map(kill_child, ["web", "worker", "gateway"]),
    *[spoil(name, mode) for name in WIRES for mode in ("refuse", "reset", "blackhole", "latency")],
    *[spoil("worker-web", mode) for mode in ("truncate", "garbage")],
    Fault("stop database", lambda site: site.database.stop_immediately(), lambda site: site.database.start()),
    Fault("empty broker", empty_broker),
]


def wait(seconds: float) -> None:
    """The fault lasts."""
    threading.Event().wait(seconds)


@contextmanager
def asking(jobs: Jobs) -> Iterator[None]:
    """Requests analyses meanwhile, one per second; if nobody answers, the next one a second later."""
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.wait(1):
            with suppress(httpx.TransportError):
                jobs.ask()

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield
    finally:
        is_over.set()
        asker.join()


@pytest.mark.fault_full
@pytest.mark.parametrize("run", [1, 2])
def test_random_faults_leave_everything_whole(make_site, run, figures, ledger):
    seed = random.randrange(10**6)
    print(f"seed={seed}")
    site = make_site(wires=WIRES)
    site.start()
    torment(site, random.Random(seed), ledger, figures)


def torment(site: Site, luck: random.Random, ledger: Ledger, figures) -> None:
    jobs = Jobs(site)
    faults = 0
    with Writers(site, ledger, WRITERS).at_work(), asking(jobs):
        until = time.monotonic() + 180
        while time.monotonic() < until:
            fault = luck.choice(FAULTS)
            print(fault.name, flush=True)
            fault.begin(site)
            wait(luck.uniform(0.5, LONGEST_FAULT))
            fault.end(site)
            faults += 1
            wait(luck.uniform(0, 3))
    healed = time.monotonic()
    state = site.wait_ready(120)
    green = time.monotonic() - healed
    assert state["db"]
    stuck = wait_for_jobs(jobs)
    ledger.stuck += stuck
    print(dict(jobs.states()))
    ledger.tell(site)
    assert ledger.entries
    assert jobs.ids
    lost, doubled, wrong = len(ledger.lost(site)), len(ledger.doubled(site)), stored_wrong(jobs)
    figures.record(
        "random_faults",
        f"writes lost of {len(ledger.entries)}, {faults} faults",
        lost,
        goal="0",
        is_met=lost == 0,
    )
    figures.record("random_faults", "writes doubled", doubled, goal="0", is_met=doubled == 0)
    figures.record("random_faults", f"jobs stuck of {len(jobs.ids)}", stuck, goal="0", is_met=stuck == 0)
    figures.record(
        "random_faults", "jobs without exactly one stored result", wrong, goal="0", is_met=wrong == 0
    )
    figures.record(
        "random_faults", "seconds to green after the last fault", round(green), goal="60", is_met=green <= 60
    )
    assert not site.broken_invariants()


def wait_for_jobs(jobs: Jobs) -> int:
    """How many are still unfinished some time after everything is well."""
    try:
        wait_until(lambda: not jobs.unfinished(), 180)
    except AssertionError:
        return len(jobs.unfinished())
    return 0
