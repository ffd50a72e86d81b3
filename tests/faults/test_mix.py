"""Everything at once: people write, jobs run, and every few seconds another part of the house fails."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.faults.jobs import Jobs, Special, check_invariants, stored_wrong
from tests.faults.ledger import Ledger
from tests.faults.people import Person, insist, new_key
from tests.faults.programs import wait_until
from tests.faults.site import make_place

WRITERS, LONGEST_FAULT = 4, 4.0
WIRES = ("web-database", "worker-web", "worker-broker")
Fault = Callable[[Special, float], None]


def kill(name: str) -> Fault:
    def fault(site: Special, seconds: float) -> None:
        site.programs[name].kill()
        wait(seconds)
        site.programs[name].start()

    fault.__name__ = f"kill {name}"
    return fault


def freeze(name: str) -> Fault:
    def fault(site: Special, seconds: float) -> None:
        site.programs[name].freeze()
        wait(seconds)
        site.programs[name].thaw()

    fault.__name__ = f"freeze {name}"
    return fault


def kill_child(name: str) -> Fault:
    def fault(site: Special, seconds: float) -> None:
        site.programs[name].kill_child()
        wait(seconds)

    fault.__name__ = f"kill a child of {name}"
    return fault


def spoil(name: str, mode: str) -> Fault:
    def fault(site: Special, seconds: float) -> None:
        site.wires[name].set(mode)
        wait(seconds)
        site.wires[name].set("pass")

    fault.__name__ = f"{name}: {mode}"
    return fault


def stop_database(site: Special, seconds: float) -> None:
    site.database.stop_immediately()
    wait(seconds)
    site.database.start()


def empty_broker(site: Special, seconds: float) -> None:
    with site.redis() as redis:
        redis.flushall()
    wait(seconds)


def wait(seconds: float) -> None:
    """The fault lasts."""
    threading.Event().wait(seconds)


FAULTS: list[Fault] = [
    *map(kill, ["web", "worker", "gateway", "beat", "broker"]),
    *map(freeze, ["web", "worker", "gateway", "beat", "broker", "database"]),
    *map(kill_child, ["web", "worker", "gateway"]),
    *[spoil(name, mode) for name in WIRES for mode in ("refuse", "reset", "blackhole", "latency")],
    *[spoil("worker-web", mode) for mode in ("truncate", "garbage")],
    stop_database,
    empty_broker,
]


@contextmanager
def busy(site: Special, jobs: Jobs, ledger: Ledger) -> Iterator[None]:
    """Meanwhile people report and write, each patiently under one key, and ask for analyses."""
    is_over = threading.Event()
    writers = [threading.Thread(target=write, args=[site, ledger, is_over, n]) for n in range(WRITERS)]
    writers.append(threading.Thread(target=keep_asking, args=[jobs, is_over]))
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        is_over.set()
        for writer in writers:
            writer.join()


def write(site: Special, ledger: Ledger, is_over: threading.Event, number: int) -> None:
    person = patient(lambda: Person(site.url, "helpdesk", f"Writer {number}", timeout=10).enter())
    for count in range(10**6):
        if is_over.is_set():
            return
        words, keys = f"Lamp {number}-{count} flickers", [new_key(), new_key()]
        answer = insist(lambda words=words, keys=keys: person.open(words, key=keys[0]), seconds=180)
        ledger.note("open", answer)
        ticket = answer.json()["id"]
        answer = insist(
            lambda words=words, keys=keys, ticket=ticket: person.message(
                ticket, f"{words}, too", key=keys[1]
            ),
            seconds=180,
        )
        ledger.note("message", answer)


def keep_asking(jobs: Jobs, is_over: threading.Event) -> None:
    while not is_over.wait(1):
        patient(jobs.ask)


def patient(work: Callable):
    """What it answers in the end, whatever fails meanwhile."""
    while True:
        try:
            return work()
        except (httpx.HTTPError, AssertionError):
            time.sleep(0.2)


@pytest.mark.fault_full
@pytest.mark.parametrize("run", [1, 2])
def test_f22_random_mix_of_faults_leaves_everything_whole(run, figures, ledger):
    seed = random.randrange(10**6)
    print(f"seed={seed}")
    site = Special(make_place(), processes=2, wires=WIRES)
    try:
        site.start()
        torment(site, random.Random(seed), ledger, figures)
    finally:
        site.close()


def torment(site: Special, luck: random.Random, ledger: Ledger, figures) -> None:
    jobs = Jobs(site)
    faults = 0
    with busy(site, jobs, ledger):
        until = time.monotonic() + 180
        while time.monotonic() < until:
            fault = luck.choice(FAULTS)
            print(fault.__name__, flush=True)
            fault(site, luck.uniform(0.5, LONGEST_FAULT))
            faults += 1
            wait(luck.uniform(0, 3))
    healed = time.monotonic()
    state = site.wait_ready(120)
    green = time.monotonic() - healed
    assert state["db"]
    stuck = wait_for_jobs(jobs)
    ledger.stuck += stuck
    print(ledger.tell(site), dict(jobs.states()))
    lost, doubled, wrong = len(ledger.lost(site)), len(ledger.doubled(site)), stored_wrong(jobs)
    figures.tell(
        "F22", f"writes lost of {len(ledger.entries)}, {faults} faults", lost, goal="0", is_met=lost == 0
    )
    figures.tell("F22", "writes doubled", doubled, goal="0", is_met=doubled == 0)
    figures.tell("F22", f"jobs stuck of {len(jobs.ids)}", stuck, goal="0", is_met=stuck == 0)
    figures.tell("F22", "jobs without exactly one stored result", wrong, goal="0", is_met=wrong == 0)
    figures.tell("F22", "seconds to green after the last fault", round(green), goal="60", is_met=green <= 60)
    check_invariants(site)


def wait_for_jobs(jobs: Jobs) -> int:
    """How many are still under way a good while after all is well."""
    try:
        wait_until(lambda: not jobs.unfinished(), 180)
    except AssertionError:
        return len(jobs.unfinished())
    return 0
