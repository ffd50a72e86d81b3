"""Clocks that jump: timestamps of a ticket only increase, tokens allow half a minute of difference, no
report is duplicated."""

import shutil
import struct
import subprocess
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from redis import Redis

from campus_helpdesk.local_stack import process
from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.directories import make_directory
from tests.support.chaos.jobs import Jobs, count_wrong_results
from tests.support.chaos.programs import wait_until
from tests.support.chaos.schedules import RUNS, count_runs, make_schedule
from tests.support.chaos.site import Site
from tests.support.chaos.tokens import bearer

SHIM = Path(__file__).with_name("clock.c")


def request_with_token(site: Site, seconds: float) -> int:
    """The status of a request whose token was made by a clock that many seconds ahead."""
    headers = bearer("tickets:read", ahead=seconds)
    return httpx.get(f"{site.url}/api/v1/facts/", headers=headers, timeout=30).status_code


@pytest.mark.fault_fast
def test_clock_jumps_leave_tokens_valid_for_half_a_minute(working, figures):
    good = [request_with_token(working, seconds) for seconds in (0, 20, -20, -80)]
    bad = [request_with_token(working, seconds) for seconds in (45, 600, 86400, -95, -600, -86400)]
    wrong = sum(status != 200 for status in good) + sum(status != 401 for status in bad)
    figures.record(
        "clock_jumps", "wrong decisions on tokens 30 s early or late", wrong, goal="0", is_met=wrong == 0
    )


class Clock:
    """The wall clock of all programs that are started while this one is active."""

    def __init__(self, folder: Path):
        self.file, self.shim = folder / "clock", folder / "clock.so"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", self.shim, SHIM, "-ldl"], check=True)
        self.move(0)
        for path in (self.file, self.shim):
            path.chmod(0o755)

    def move(self, seconds: int) -> None:
        """Sets it that many seconds ahead of the true time."""
        self.file.touch()
        with self.file.open("r+b") as file:
            file.write(struct.pack("l", seconds))

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.shim), "CLOCK_FILE": str(self.file)}


@pytest.fixture
def clock(monkeypatch):
    if not shutil.which("cc"):
        pytest.skip("no C compiler: the programs' clock cannot be moved")
    folder = make_directory()
    clock, spawn = Clock(folder), process.spawn
    monkeypatch.setattr(
        process, "spawn", lambda *argv, env, **rest: spawn(*argv, env=env | clock.environment, **rest)
    )
    yield clock
    shutil.rmtree(folder)


@pytest.mark.fault_full
def test_clock_jumps_back_while_beat_publishes_do_not_stop_it(clock, make_site, figures):
    """At this point the scheduler has read the clock and not yet computed how long it will sleep."""
    site, longest, ahead = make_site(), 0.0, 86400
    clock.move(ahead)
    site.start("database", "broker", "beat")
    with site.redis() as redis:
        await_message(site, redis)
        for _ in range(20):
            clock.move(ahead := ahead - 600)
            longest = max(longest, await_message(site, redis))
    what = "seconds without beat, set back 20 times in a tick"
    figures.record("clock_jumps", what, f"{longest:.1f}", goal="<= 30", is_met=longest <= 30)


def await_message(site: Site, redis: Redis, seconds: float = 31) -> float:
    """Takes beat's next message as soon as it arrives; returns how many seconds it took."""
    began = time.monotonic()
    while not redis.rpop(site.prefixed("gateway")) and time.monotonic() - began < seconds:
        time.sleep(0.001)
    return time.monotonic() - began


@pytest.mark.fault_full
def test_clock_jumps_falsify_no_timestamp_and_duplicate_no_report(clock, make_site, figures):
    site = make_site()
    site.start()
    use_site_while_clock_jumps(site, clock, figures)


def read_tick(site: Site) -> bytes | None:
    """The last heartbeat of beat and the gateway's worker."""
    with site.redis() as redis:
        return redis.get(site.prefixed("heartbeat:beat"))


def is_beat_ticking(site: Site) -> bool:
    """Whether beat ticks within 30 s."""
    last_tick, deadline = read_tick(site), time.monotonic() + 30
    while (now := read_tick(site)) in (last_tick, None) and time.monotonic() < deadline:
        time.sleep(0.05)
    return now not in (last_tick, None)


def use_site_while_clock_jumps(site: Site, clock: Clock, figures) -> None:
    """Sets the clock ten times a day forward and ten minutes back, while a ticket is edited."""
    schedule, ahead, moments, beats = make_schedule(site, hours_ago=3), 0, [], 0
    ticket = HelpdeskClient(site.url).enter().open("The lamp flickers").json()
    jobs: list[Jobs] = []
    for jump in [86400, -600] * 10:
        clock.move(ahead := ahead + jump)
        person = HelpdeskClient(site.url, "helpdesk").enter()
        edited = person.edit(ticket["id"], ticket["version"], room=f"Room {ahead}")
        assert edited.status_code == 200, edited.text
        ticket = edited.json()
        moments.append(ticket["modified_at"])
        assert person.message(ticket["id"], f"At {ahead}").status_code == 201
        moments.append(person.read(ticket["id"]).json()["modified_at"])
        jobs.append(Jobs(site))
        jobs[-1].wait_for("done", jobs[-1].request())
        beats += is_beat_ticking(site)
    figures.record(
        "clock_jumps", "jumps after which beat continued within 30 s", beats, goal="20", is_met=beats == 20
    )
    falsified = sum(a >= b for a, b in pairwise(moments))
    figures.record(
        "clock_jumps",
        f"of {len(moments)} moments, not later than the last",
        falsified,
        goal="0",
        is_met=falsified == 0,
    )
    wait_until(lambda: count_runs(site, schedule) >= 10, what="ten reports")
    slots = sorted(slot for (slot,) in site.query(f"SELECT slot FROM {RUNS} WHERE schedule_id = {schedule}"))
    gaps = {later - earlier for earlier, later in pairwise(slots)}
    duplicated = len(slots) - len(set(slots))
    figures.record(
        "clock_jumps", f"of {len(slots)} reports, duplicated", duplicated, goal="0", is_met=duplicated == 0
    )
    assert gaps == {timedelta(days=1)}
    assert sum(map(count_wrong_results, jobs)) == 0
    assert not site.violated_rules()
