"""Fifty clients at once on a full helpdesk, compared with the barest list of Django REST framework in the
same run.

`make load`: 100,000 tickets, 300,000 messages, two minutes; nine requests in ten read, one writes. A new
ticket is categorised by triage, and its text is searched for afterwards like any other. Both sides run under
gunicorn as deployed, with the clients on the same machine. `SECONDS=20` for a short run.
"""

import logging
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import psycopg

import tests.support.servers  # noqa: F401  starts PostgreSQL and Valkey for as long as this lasts
from benchmarks.clients import HelpdeskClient
from benchmarks.stage import own_database, read_memory, web_process

CLIENTS, TICKETS, MESSAGES_A_TICKET = 50, 100_000, 3
SECONDS = int(os.environ.get("SECONDS", "120"))
TURNS = 4  # of both sides: the machine's speed varies within a minute, which must affect both equally
WRITE_EVERY = 10
MIN_SHARE, MAX_P95_MS, MAX_STATEMENTS, MAX_GROWTH = 40, 500, 6, 10  # percent, ms, per page, percent
MAKE_MESSAGES = """
INSERT INTO messaging_message
    (ticket_id, author_role, author_name, body, is_internal, author_session, key, sent_at)
SELECT id, CASE n WHEN 2 THEN 'helpdesk' ELSE 'user' END, '', 'Word ' || n || ' on this', false, '', '',
    opened_at + n * interval '1 second'
FROM tickets_ticket, generate_series(1, %s) AS n
"""
API = "/api/v1/tickets/"
READS = {
    "user": ["/tickets/", "/tickets/?status=open&category=it", "/tickets/{}/", API],
    "helpdesk": ["/desk/", "/desk/?status=active", "/desk/tickets/{}/", API],
}
LISTS = ["/tickets/", "/desk/", "/desk/?status=active", API]


@dataclass
class Tally:
    """What the clients of one side saw: milliseconds of each request, and how many got which status."""

    laps: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.laps, n=20)[-1]

    def count(self, least: int) -> int:
        return sum(status >= least for status in self.statuses)


def main() -> None:
    """Exits with an error if a figure misses its goal."""
    os.environ["RATE_LIMITS"] = "off"  # fifty clients at one address
    with own_database(TICKETS) as database:
        add_conversation(database)
        os.environ |= {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings"}
        figures = list(measure(database))
    for name, value, goal, is_met in figures:
        print(f"{name:<44}{value:>16}   {goal:<14}{'met' if is_met else 'NOT MET'}")
    sys.exit(not all(is_met for *_, is_met in figures))


def add_conversation(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        with connection.transaction():
            connection.execute("SET LOCAL campus.import = on")
            connection.execute(MAKE_MESSAGES, [MESSAGES_A_TICKET])
        connection.execute("VACUUM ANALYZE messaging_message")


def measure(database: str) -> Iterator[tuple[str, str, str, bool]]:
    bare, ours, memory = Tally(), Tally(), list[float]()
    bare_web = web_process(database, "campus_helpdesk.wsgi", settings="benchmarks.bare_settings")
    with bare_web as (bare_url, _), web_process(database, "campus_helpdesk.wsgi") as (url, find_worker):
        strangers = [Bare(bare_url) for _ in range(CLIENTS)]
        visitors = enter(url, find_longest_conversation(database))
        for clients in (
            strangers,
            visitors,
        ):  # until every thread has its connection and every page is loaded
            load(clients, SECONDS / 8, Tally())
        for _ in range(TURNS):
            load(strangers, SECONDS / 4 / TURNS, bare)
            load(visitors, SECONDS / TURNS, ours, lambda: memory.append(add_memory(find_worker)))
    share = 100 * len(ours.laps) / SECONDS / (len(bare.laps) / (SECONDS / 4))
    yield "bare list, requests a second", f"{len(bare.laps) / (SECONDS / 4):.0f}", "", bare.count(400) == 0
    yield "helpdesk, requests a second", f"{len(ours.laps) / SECONDS:.0f}", "", True
    yield "share of the bare list", f"{share:.0f} %", f">= {MIN_SHARE} %", share >= MIN_SHARE
    yield "95 of 100 answers within", f"{ours.p95:.0f} ms", f"<= {MAX_P95_MS} ms", ours.p95 <= MAX_P95_MS
    yield "answers 5xx", f"{ours.count(500)}", "0", ours.count(500) == 0
    yield "answers 4xx", f"{ours.count(400) - ours.count(500)}", "0", ours.count(400) == ours.count(500)
    most, is_constant = count_statements(find_longest_conversation(database)[0])
    constant = "constant" if is_constant else "NOT constant"
    is_met = most <= MAX_STATEMENTS and is_constant
    yield "statements of the longest page", f"{most}, {constant}", f"<= {MAX_STATEMENTS}", is_met
    growth = grow(memory)
    yield "memory growth", f"{growth:.1f} %", f"<= {MAX_GROWTH} %", growth <= MAX_GROWTH


def enter(url: str, tickets: list[int]) -> list["Visitor"]:
    return [Visitor(url, ("user", "helpdesk")[number % 2], tickets, number) for number in range(CLIENTS)]


def find_longest_conversation(database: str) -> list[int]:
    """Tickets that both roles see and that accept messages."""
    with psycopg.connect(database) as connection:
        unclosed = "SELECT id FROM tickets_ticket WHERE status <> 'closed' ORDER BY id LIMIT 2000"
        return [row[0] for row in connection.execute(unclosed)]


class Visitor:
    """One client of a role: reads in turns, and writes every tenth time."""

    def __init__(self, url: str, role: str, tickets: list[int], number: int):
        self.person, self.reads = HelpdeskClient(url), READS[role]
        self.tickets, self.turn = tickets, number
        self.person.enter(role)

    def act(self) -> int:
        self.turn += 1
        ticket = self.tickets[self.turn * 7919 % len(self.tickets)]
        if self.turn % WRITE_EVERY:
            return self.person.ask("GET", self.reads[self.turn % len(self.reads)].format(ticket))
        if self.turn % (2 * WRITE_EVERY):
            return self.person.ask("POST", API, {"description": f"The wifi is slow, {self.turn}"})
        return self.person.ask("POST", f"{API}{ticket}/messages/", {"body": f"Still so, {self.turn}"})


class Bare:
    def __init__(self, url: str):
        self.person, self.turn = HelpdeskClient(url), 0

    def act(self) -> int:
        self.turn += 1
        if self.turn % WRITE_EVERY:
            return self.person.ask("GET", "/tickets")
        return self.person.ask("POST", "/tickets", {"description": f"The wifi is slow, {self.turn}"})


def load(
    clients: list, seconds: float, tally: Tally, every_second: Callable[[], None] = lambda: None
) -> None:
    """All clients at once, each one request after the other; what they see is added to the tally."""
    end = time.monotonic() + seconds

    def run(client) -> None:
        while (start := time.monotonic()) < end:
            status = client.act()
            tally.laps.append((time.monotonic() - start) * 1000)
            tally.statuses.append(status)

    threads = [threading.Thread(target=run, args=[client], daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    while time.monotonic() < end:
        time.sleep(1)
        every_second()
    for thread in threads:
        thread.join(60)


def add_memory(find_worker: Callable[[], int]) -> float:
    """MB of all workers' own pages. If one is being replaced, all are measured again."""
    for _ in range(10):
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            workers = psutil.Process(find_worker()).parent().children()
            return sum(read_memory(child.pid, "RssAnon") for child in workers)
    raise RuntimeError("the web processes are gone")


def grow(memory: list[float]) -> float:
    """Percent from the first quarter of the run to the last one, of their medians."""
    quarter = len(memory) // 4
    first, last = statistics.median(memory[:quarter]), statistics.median(memory[-quarter:])
    return 100 * (last - first) / first


def count_statements(ticket: int) -> tuple[int, bool]:
    """The largest number that a page needs, and whether a list of one row needs as many as one of a
    hundred."""
    import django

    django.setup()
    logging.disable(logging.INFO)  # a line a request
    from django.db import connection
    from django.test import Client

    from benchmarks import pages

    client = Client(headers={"host": "localhost"})
    client.post("/enter/", {"role": "helpdesk"})
    sizes = [[pages.count_statements(client, sized(path, size)) for path in LISTS] for size in (1, 100)]
    opened = [pages.count_statements(client, f"{place}/{ticket}/") for place in ("/tickets", "/desk/tickets")]
    connection.close()  # or the database could not be dropped
    return max(*sizes[1], *opened), sizes[0] == sizes[1]


def sized(path: str, size: int) -> str:
    return f"{path}{'&' if '?' in path else '?'}page_size={size}"


if __name__ == "__main__":
    main()
