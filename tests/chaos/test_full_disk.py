"""No space left: reads work, writes are refused, nothing is half-written, and the site recovers by itself."""

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
from tests.support.chaos.directories import make_directory
from tests.support.chaos.one_command_stack import OneCommandStack
from tests.support.chaos.programs import wait_until
from tests.support.chaos.site import Site
from tests.support.chaos.write_log import WriteLog

# Each is a separate file system of that many MB. The root contains locks, sockets and beat's schedule.
DIRECTORIES = {".": 32, "postgres": 320, "log": 32, "valkey": 32, "facts": 32}
TEXT_BYTES = 9_500  # written as hexadecimal digits: too long to share a page of the database
RECOVERY_SECONDS = 30
CHECKPOINT_SECONDS = 30  # the minimum that PostgreSQL accepts


@contextmanager
def small_disks() -> Iterator[Path]:
    """A data directory on small file systems; only root can mount."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = make_directory()
    with ExitStack() as stack:
        stack.callback(folder.rmdir)
        for directory, size in DIRECTORIES.items():
            target = folder / directory
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
def full(folder: Path, directories: list[str]) -> Iterator[None]:
    """Fills the file systems to the last byte until the block ends."""
    fillers = [folder / directory / "filler" for directory in directories]
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
def stack() -> Iterator[OneCommandStack]:
    with small_disks() as folder, closing(OneCommandStack(folder)) as running:
        running.start()
        yield running


def use_site(
    person: HelpdeskClient, write_log: WriteLog, ticket: int, seconds: float
) -> tuple[list[int], list[int]]:
    """Statuses of reads and of writes while the disk is full; at least three of each.

    At most three analyses wait afterwards, because the recovery is measured and not the length of a queue.
    """
    reads, writes = [], []
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(writes) < 3:
        pages = ("/tickets/", f"/tickets/{ticket}/", "/desk/", "/api/v1/tickets/")
        reads += [person.get(path).status_code for path in pages]
        answer = person.open(token_hex(TEXT_BYTES), key=new_key())
        write_log.record("open", answer)
        writes.append(answer.status_code)
        if len(writes) < 6:
            writes.append(person.analyse("unresolved", period=f"{len(writes)}h").status_code)
    return reads, writes


def wait_until_recovered(stack: OneCommandStack, person: HelpdeskClient) -> float:
    """Seconds until a report is stored, an analysis is done and all processes are healthy."""
    began = time.monotonic()

    def is_stored(answer: httpx.Response) -> bool:
        return answer.status_code in (201, 202)

    wait_until(lambda: is_stored(person.open(f"Does it work? {new_key()}")), 120, "a report is stored")
    hours = 100 + int(time.time()) % 80_000  # an analysis that was not requested before
    analysis = wait_until(
        lambda: (a := person.analyse("unresolved", period=f"{hours}h")).status_code == 202 and a.json()["id"],
        120,
        "an analysis is accepted",
    )
    wait_done(person, analysis, 120)
    wait_until(stack.is_ok, 120, f"all processes are healthy: {stack.readiness()}")
    return time.monotonic() - began


@pytest.mark.fault_fast
def test_full_disk_of_the_database_refuses_writes_and_allows_reads(figures):
    with small_disks() as folder, closing(Site(folder, processes=1)) as site:
        site.start("database", "broker", "web")
        person = HelpdeskClient(site.url, "helpdesk", "Hedda").enter()
        ticket = person.open("The tap drips").json()["id"]
        with full(folder, ["postgres"]):
            reads, writes = use_site(person, WriteLog(), ticket, 0.5)
        assert person.open("Does it work?").status_code == 201
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
def test_full_disk_during_a_checkpoint_allows_reads(figures):
    """A checkpoint that cannot write must not end the server, which could not start again without space."""
    with small_disks() as folder, closing(Site(folder, processes=1)) as site:
        with (folder / "postgres/data/postgresql.auto.conf").open("a") as settings:
            settings.write(f"checkpoint_timeout = {CHECKPOINT_SECONDS}\n")
        site.start("database", "broker", "web")
        person = HelpdeskClient(site.url, "helpdesk", "Hedda").enter()
        ticket = person.open("The tap drips").json()["id"]
        with full(folder, ["postgres"]):
            reads, _ = use_site(person, WriteLog(), ticket, CHECKPOINT_SECONDS + 10)
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
            analysis = person.analyse().json()["id"]
            for program in (site.gateway, site.worker):
                wait_until(lambda p=program: "MISCONF" in p.log, what=f"{program.name} is refused")
        began = time.monotonic()
        wait_done(person, analysis, 120)
        seconds = time.monotonic() - began
        assert site.worker.is_alive
        assert site.gateway.is_alive
        assert (site.worker.pid, site.gateway.pid) == before
    figures.record(
        "full_disk",
        "broker full: analysis done after, s",
        f"{seconds:.1f}",
        goal=f"<= {RECOVERY_SECONDS}",
        is_met=seconds <= RECOVERY_SECONDS,
    )


@pytest.mark.fault_full
def test_full_disk_of_each_directory_recovers_by_itself(stack, write_log, figures):
    cases, runs = [[directory] for directory in DIRECTORIES] + [list(DIRECTORIES)], 3
    person = HelpdeskClient(stack.url, "helpdesk", "Hedda", timeout=60).enter()
    ticket = person.open("The tap drips").json()["id"]
    wrong_reads, wrong_writes, slowest = [], [], 0.0
    for directories in cases * runs:
        with full(stack.folder, directories):
            reads, writes = use_site(person, write_log, ticket, 10)
        seconds = wait_until_recovered(stack, person)
        slowest = max(slowest, seconds)
        wrong_reads += [status for status in reads if status != 200]
        wrong_writes += [status for status in writes if status not in (201, 202, 503)]
        print(f"{'+'.join(directories)}: writes {sorted(set(writes))}, recovered after {seconds:.1f} s")
        assert 503 in writes or "postgres" not in directories
    write_log.print_summary(stack)
    broken = (len(write_log.lost(stack)), stack.manage("check_invariants").returncode)
    what = f"wrong reads in {len(cases) * runs} full disks"
    figures.record("full_disk", what, len(wrong_reads), goal="0", is_met=not wrong_reads)
    figures.record(
        "full_disk", "writes neither stored nor 503", len(wrong_writes), goal="0", is_met=not wrong_writes
    )
    figures.record(
        "full_disk", "lost writes, exit code of the checks", broken, goal="(0, 0)", is_met=broken == (0, 0)
    )
    goal = f"<= {RECOVERY_SECONDS}"
    figures.record(
        "full_disk", "recovered after, s", f"{slowest:.1f}", goal=goal, is_met=slowest <= RECOVERY_SECONDS
    )
