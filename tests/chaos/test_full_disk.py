"""No space left: reads go on, writes are refused, nothing is half-written, and it heals by itself."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from secrets import token_hex

import httpx
import pytest

from tests.support.chaos.clients import HelpdeskClient, new_key, wait_done
from tests.support.chaos.directories import make_place
from tests.support.chaos.ledger import Ledger
from tests.support.chaos.programs import wait_until
from tests.support.chaos.site import Site
from tests.support.chaos.whole_stack import WholeStack

# Each one a file system of its own, in MB: the root has the locks, the sockets and beat's schedule.
PLACES = {".": 32, "postgres": 320, "log": 32, "valkey": 32, "facts": 32}
LONG = 9_500  # bytes as hexadecimal digits: a text that needs its own page
HEALED_SECONDS = 30
CHECKPOINT_SECONDS = 30  # the minimum that PostgreSQL accepts


@contextmanager
def small_disks() -> Iterator[Path]:
    """A data folder on small file systems; only root can mount."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = make_place()
    with ExitStack() as stack:
        stack.callback(folder.rmdir)
        for place, size in PLACES.items():
            target = folder / place
            target.mkdir(exist_ok=True)
            options = f"size={size}m,mode=711"
            done = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(target)],
                capture_output=True,
                check=False,
            )
            if done.returncode:
                pytest.skip(f"cannot mount: {done.stderr.decode().strip()}")
            stack.callback(subprocess.run, ["umount", "--lazy", str(target)], check=True)
        yield folder


@contextmanager
def full(folder: Path, places: list[str]) -> Iterator[None]:
    """Filled to the last byte, and again if somebody frees some, until the block ends."""
    fillers = [folder / place / "filler" for place in places]
    for filler in fillers:
        fill(filler)
    try:
        yield
    finally:
        for filler in fillers:
            filler.unlink()


def fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


@pytest.fixture
def stack() -> Iterator[WholeStack]:
    with small_disks() as folder, closing(WholeStack(folder)) as running:
        running.start()
        yield running


def live_on(
    person: HelpdeskClient, ledger: Ledger, ticket: int, seconds: float
) -> tuple[list[int], list[int]]:
    """Statuses of reads and of writes while the disk is full; at least three of each.

    No more than three analyses wait afterwards: the recovery is measured, not the length of a queue.
    """
    reads, writes = [], []
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(writes) < 3:
        pages = ("/tickets/", f"/tickets/{ticket}/", "/desk/", "/api/v1/tickets/")
        reads += [person.get(path).status_code for path in pages]
        answer = person.open(token_hex(LONG), key=new_key())
        ledger.note("open", answer)
        writes.append(answer.status_code)
        if len(writes) < 6:
            writes.append(person.analyse("unresolved", period=f"{len(writes)}h").status_code)
    return reads, writes


def heal(stack: WholeStack, person: HelpdeskClient) -> float:
    """Seconds until a report is stored, an analysis is made and all processes are well."""
    began = time.monotonic()

    def is_stored(answer: httpx.Response) -> bool:
        return answer.status_code in (201, 202)

    wait_until(lambda: is_stored(person.open(f"Is it well again? {new_key()}")), 120, "a report is stored")
    hours = 100 + int(time.time()) % 80_000  # an analysis that nobody has requested before
    asked = wait_until(
        lambda: (a := person.analyse("unresolved", period=f"{hours}h")).status_code == 202 and a.json()["id"],
        120,
        "an analysis is taken",
    )
    wait_done(person, asked, 120)
    wait_until(stack.is_ok, 120, f"all parts are well: {stack.readiness()}")
    return time.monotonic() - began


@pytest.mark.fault_fast
def test_full_disk_of_the_database_refuses_writes_and_allows_reads(figures):
    with small_disks() as folder, closing(Site(folder, processes=1)) as site:
        site.start("database", "broker", "web")
        person = HelpdeskClient(site.url, "helpdesk", "Hedda").enter()
        ticket = person.open("The tap drips").json()["id"]
        with full(folder, ["postgres"]):
            reads, writes = live_on(person, Ledger(), ticket, 0.5)
        assert person.open("Is it well again?").status_code == 201
        assert site.count("tickets_ticket") == 2
    is_met = set(reads) == {200} and set(writes) == {503}
    figures.record(
        "full_disk",
        f"{len(reads)} reads, {len(writes)} writes on a full disk",
        sorted({*reads, *writes}),
        goal="[200, 503]",
        is_met=is_met,
    )


@pytest.mark.fault_full
def test_full_disk_found_by_a_checkpoint_allows_reads(figures):
    """What a checkpoint cannot write must not end the server: it would stay away until there is space."""
    with small_disks() as folder, closing(Site(folder, processes=1)) as site:
        with (folder / "postgres/data/postgresql.auto.conf").open("a") as settings:
            settings.write(f"checkpoint_timeout = {CHECKPOINT_SECONDS}\n")
        site.start("database", "broker", "web")
        person = HelpdeskClient(site.url, "helpdesk", "Hedda").enter()
        ticket = person.open("The tap drips").json()["id"]
        with full(folder, ["postgres"]):
            reads, _ = live_on(person, Ledger(), ticket, CHECKPOINT_SECONDS + 10)
    wrong = [status for status in reads if status != 200]
    figures.record(
        "full_disk",
        f"wrong of {len(reads)} reads, a checkpoint on a full disk",
        len(wrong),
        goal="0",
        is_met=not wrong,
    )


@pytest.mark.fault_full
def test_full_disk_of_the_broker_does_not_end_workers(figures):
    with small_disks() as folder, closing(Site(folder)) as site:
        site.start()
        person = HelpdeskClient(site.url, "helpdesk", "Hedda").enter()
        before = site.worker.pid, site.gateway.pid
        with full(folder, ["valkey"]):
            asked = person.analyse().json()["id"]
            for program in (site.gateway, site.worker):
                wait_until(lambda p=program: "MISCONF" in p.log, what=f"{program.name} is refused")
        began = time.monotonic()
        wait_done(person, asked, 120)
        seconds = time.monotonic() - began
        assert site.worker.is_alive
        assert site.gateway.is_alive
        assert (site.worker.pid, site.gateway.pid) == before
    figures.record(
        "full_disk",
        "broker full: analysis done after, s",
        f"{seconds:.1f}",
        goal=f"<= {HEALED_SECONDS}",
        is_met=seconds <= HEALED_SECONDS,
    )


@pytest.mark.fault_full
def test_full_disk_anywhere_heals_by_itself(stack, ledger, figures):
    places, runs = [[place] for place in PLACES] + [list(PLACES)], 3
    person = HelpdeskClient(stack.url, "helpdesk", "Hedda", timeout=60).enter()
    ticket = person.open("The tap drips").json()["id"]
    wrong_reads, wrong_writes, slowest = [], [], 0.0
    for place in places * runs:
        with full(stack.folder, place):
            reads, writes = live_on(person, ledger, ticket, 10)
        healed = heal(stack, person)
        slowest = max(slowest, healed)
        wrong_reads += [status for status in reads if status != 200]
        wrong_writes += [status for status in writes if status not in (201, 202, 503)]
        print(f"{'+'.join(place)}: writes {sorted(set(writes))}, healed after {healed:.1f} s")
        assert 503 in writes or "postgres" not in place
    ledger.tell(stack)
    broken = (len(ledger.lost(stack)), stack.manage("check_invariants").returncode)
    what = f"wrong reads in {len(places) * runs} full disks"
    figures.record("full_disk", what, len(wrong_reads), goal="0", is_met=not wrong_reads)
    figures.record(
        "full_disk", "writes neither stored nor 503", len(wrong_writes), goal="0", is_met=not wrong_writes
    )
    figures.record("full_disk", "lost, or invariants broken", broken, goal="(0, 0)", is_met=broken == (0, 0))
    goal = f"<= {HEALED_SECONDS}"
    figures.record(
        "full_disk", "healed after, s", f"{slowest:.1f}", goal=goal, is_met=slowest <= HEALED_SECONDS
    )
