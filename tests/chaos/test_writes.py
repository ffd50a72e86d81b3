"""Acknowledged writes are stored exactly once, no matter which processes were killed."""

import pytest

from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.site import Site
from tests.support.chaos.writers import Writers

MINUTES = 1800


def check(site: Site, writers: Writers, figures, name: str) -> None:
    """Compares the log with the rows, and runs the integrity checks."""
    write_log = writers.write_log
    write_log.print_summary(site)
    lost, duplicated = len(write_log.lost(site)), len(write_log.duplicated(site))
    what = f"lost of {len(write_log.entries):,} acknowledged writes, kills {site.kills}"
    figures.record(name, what, lost, goal="0", is_met=lost == 0)
    figures.record(
        name, "duplicated by sending again under the same key", duplicated, goal="0", is_met=duplicated == 0
    )
    faults = writers.statuses[500]
    what = f"500s, of {sum(writers.statuses.values()):,} responses with {writers.statuses[503]:,} 503s"
    figures.record(name, what, faults, goal="0", is_met=faults == 0)
    broken = site.violated_rules()
    print(*broken)
    figures.record(name, "integrity rules violated", len(broken), goal="0", is_met=not broken)


def first_answer(site: Site, person: HelpdeskClient) -> int:
    """The first response after the database came back: no retries here."""
    return person.get("/tickets/").status_code


@pytest.mark.fault_fast
def test_acknowledged_writes_survive_crashes_of_database_and_web(make_site, write_log, amount, figures):
    site = make_site()
    site.start("database", "broker", "web")
    rounds, pause = amount(1, 10), amount(100, 500)
    reader = HelpdeskClient(site.url, "user", "Rita").enter()
    firsts = []
    with Writers(site, write_log, amount(5, 20)).running() as writers:
        for _ in range(rounds):
            writers.wait(pause, MINUTES)
            site.database.stop_immediately()
            site.database.start()
            firsts.append(first_answer(site, reader))
            writers.wait(pause, MINUTES)
            site.web.kill_child()
        writers.wait(pause, MINUTES)
    not_first = sum(status != 200 for status in firsts)
    figures.record(
        "acknowledged_writes",
        f"first requests of {rounds} after a start without a 200",
        not_first,
        goal="0",
        is_met=not_first == 0,
    )
    acked, goal = len(write_log.entries), amount(300, 10_000)
    figures.record(
        "acknowledged_writes", "acknowledged writes", acked, goal=f">= {goal:,}", is_met=acked >= goal
    )
    check(site, writers, figures, "acknowledged_writes")


@pytest.mark.fault_full
def test_acknowledged_writes_survive_kills_of_web_workers(make_site, write_log, figures):
    site = make_site()
    site.start("database", "broker", "web")
    with Writers(site, write_log, 20).running() as writers:
        for _ in range(200):
            writers.wait(10, MINUTES)
            site.web.kill_child()
        writers.wait(10, MINUTES)
    check(site, writers, figures, "acknowledged_writes")
