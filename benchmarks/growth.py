"""CPU time of a page of the desk on a small and on a large helpdesk, in web process and database.

`make growth`: the demo campus with 10,000 and with 100,000 tickets, in turns on one machine. With ten times
as many tickets a page may need at most 1.2 times as much. `SIZES="10000 100000 1000000"` takes an hour and
10 GB.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise

import psutil
import psycopg

import tests.support.servers  # noqa: F401  starts PostgreSQL and Valkey for as long as this lasts
from benchmarks.clients import HelpdeskClient
from benchmarks.environment import fill_with_demo, own_database, web_process

SIZES = [int(size) for size in os.environ.get("SIZES", "10000 100000").split()]
ROUNDS, REQUESTS = 4, 20
MAX_GROWTH = 1.2
PAGES = {
    "all tickets": "",
    "status and category": "status=active&category=it",
    "status, opened until": "status=closed&opened_before=2026-01-01",
    "common word": "q=wifi",
    "unknown word": "q=zyxwvut",
    "part of a building's name": "building=library",
    "without a building": "has_building=false",
    "other buildings": "building_not=0123456789abcdef",
    "weekday": "opened_weekday=monday",
    "hour": "opened_hour=3",
    "not answered": "is_answered=false",
    "unresolved at a given time": "was_unclosed_at=2026-01-01T00:00:00Z",
    "from a month on": "from_month=2026-01",
    "category found by triage": "filed_as=it",
    "category changed by a person": "outcome=changed",
}


def main() -> None:
    """Exits with an error if a page grows more than it may."""
    os.environ |= {"RATE_LIMITS": "off", "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings"}
    with ExitStack() as stack:
        sites = [Site(stack, size) for size in SIZES]
        sizes = "".join(f"{size:>12,}" for size in SIZES)
        print(f"{'CPU ms per request':<30}{sizes}   growth per step")
        grown = [print_growth(name, costs) for name, costs in measure(sites)]
    sys.exit(max(grown) > MAX_GROWTH)


class Site:
    """A helpdesk with that many tickets, one web process and a helpdesk session."""

    def __init__(self, stack: ExitStack, size: int):
        database = stack.enter_context(own_database(size, fill_with_demo))
        url, worker = stack.enter_context(web_process(database, "--workers", "1", "campus_helpdesk.wsgi"))
        self.client, self.web = HelpdeskClient(url), psutil.Process(worker())
        self.client.enter("helpdesk")
        with psycopg.connect(database) as connection:
            self.server = psutil.Process(connection.info.backend_pid).parent()

    def measure_page(self, path: str) -> float:
        """CPU milliseconds per request."""
        start = self.cpu_seconds()
        for _ in range(REQUESTS):
            assert self.client.request("GET", path) == 200, path
        return (self.cpu_seconds() - start) * 1000 / REQUESTS

    def cpu_seconds(self) -> float:
        """CPU seconds so far of the web process and the database server, whose other databases are idle;
        including exited processes of the server."""
        return sum(map(sum_times, [self.web, self.server, *self.server.children()]))


def sum_times(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:4])


def measure(sites: list[Site]) -> Iterator[tuple[str, list[float]]]:
    """Mean of all rounds but the first one, which fills the caches."""
    for name, query in PAGES.items():
        path = f"/desk/?{query}"
        rounds = [[site.measure_page(path) for site in sites] for _ in range(ROUNDS + 1)][1:]
        yield name, [sum(costs) / ROUNDS for costs in zip(*rounds, strict=True)]


def print_growth(name: str, costs: list[float]) -> float:
    """The largest growth of a step."""
    steps = [large / small for small, large in pairwise(costs)]
    result = "met" if max(steps) <= MAX_GROWTH else "NOT MET"
    figures = "".join(f"{cost:>12.1f}" for cost in costs)
    print(f"{name:<30}{figures}   {' '.join(f'{step:.2f}' for step in steps)}  {result}", flush=True)
    return max(steps)


if __name__ == "__main__":
    main()
