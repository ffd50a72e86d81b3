"""What was acknowledged is there, once, whatever was killed meanwhile."""

import pytest

from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.site import Site
from tests.support.chaos.writers import Writers

MINUTES = 1800


def check(site: Site, writers: Writers, figures, name: str) -> None:
    """The ledger against the rows, and the rows against the invariants."""
    ledger = writers.ledger
    ledger.tell(site)
    lost, doubled = len(ledger.lost(site)), len(ledger.doubled(site))
    what = f"lost of {len(ledger.entries):,} acknowledged writes, kills {site.kills}"
    figures.record(name, what, lost, goal="0", is_met=lost == 0)
    figures.record(
        name, "doubled by sending again under the same key", doubled, goal="0", is_met=doubled == 0
    )
    faults = writers.statuses[500]
    what = f"500s, of {sum(writers.statuses.values()):,} answers with {writers.statuses[503]:,} 503s"
    figures.record(name, what, faults, goal="0", is_met=faults == 0)
    broken = site.broken_invariants()
    print(*broken)
    figures.record(name, "invariants broken", len(broken), goal="0", is_met=not broken)


def first_answer(site: Site, person: HelpdeskClient) -> int:
    """The first response after the database came back: no retries here."""
    return person.get("/tickets/").status_code


@pytest.mark.fault_fast
def test_acknowledged_writes_survive_crashes_of_database_and_web(make_site, ledger, amount, figures):
    site = make_site()
    site.start("database", "broker", "web")
    rounds, pause = amount(1, 10), amount(100, 500)
    reader = HelpdeskClient(site.url, "user", "Rita").enter()
    firsts = []
    with Writers(site, ledger, amount(5, 20)).at_work() as writers:
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
        f"first requests of {rounds} after a start that are no 200",
        not_first,
        goal="0",
        is_met=not_first == 0,
    )
    acked, goal = len(ledger.entries), amount(300, 10_000)
    figures.record(
        "acknowledged_writes", "acknowledged writes", acked, goal=f">= {goal:,}", is_met=acked >= goal
    )
    check(site, writers, figures, "acknowledged_writes")


@pytest.mark.fault_full
def test_acknowledged_writes_survive_kills_of_web_workers(make_site, ledger, figures):
    site = make_site()
    site.start("database", "broker", "web")
    with Writers(site, ledger, 20).at_work() as writers:
        for _ in range(200):
            writers.wait(10, MINUTES)
            site.web.kill_child()
        writers.wait(10, MINUTES)
    check(site, writers, figures, "acknowledged_writes")
