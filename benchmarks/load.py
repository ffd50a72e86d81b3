"""Fifty clients at once on a large helpdesk, compared with a minimal list of Django REST framework in the
same run.

`make load`: 100,000 tickets, 300,000 messages, two minutes; nine requests in ten read, one writes. New
tickets are categorised and indexed. Both sites run under gunicorn as deployed, with the clients on the same
machine. `SECONDS=20` for a short run.
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
from benchmarks.environment import own_database, read_memory, web_process

CLIENTS, TICKETS, MESSAGES_A_TICKET = 50, 100_000, 3
SECONDS = int(os.environ.get("SECONDS", "120"))
ROUNDS = 4  # in which both sites take turns: the machine's speed varies within a minute
WRITE_EVERY = 10
MIN_SHARE, MAX_P95_MS, MAX_STATEMENTS, MAX_GROWTH = 40, 500, 6, 10  # percent, ms, per page, percent
MAKE_MESSAGES = """
INSERT INTO messaging_message
    (ticket_id, author_role, author_name, body, is_internal, author_session, key, sent_at)
SELECT id, CASE n WHEN 2 THEN 'helpdesk' ELSE 'user' END, '', 'Message ' || n, false, '', '',
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
class Samples:
    """The durations in milliseconds and the statuses of all requests to one site."""

    durations: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.durations, n=20)[-1]

    def count(self, min_status: int) -> int:
        return sum(status >= min_status for status in self.statuses)


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
    baseline, product, memory = Samples(), Samples(), list[float]()
    baseline_web = web_process(database, "campus_helpdesk.wsgi", settings="benchmarks.baseline_settings")
    with (
        baseline_web as (baseline_url, _),
        web_process(database, "campus_helpdesk.wsgi") as (url, find_worker),
    ):
        baseline_clients = [BaselineClient(baseline_url) for _ in range(CLIENTS)]
        product_clients = enter(url, find_unresolved_tickets(database))
        # Warm up: every thread opens its connection, and every page is loaded once.
        for clients in (baseline_clients, product_clients):
            load(clients, SECONDS / 8, Samples())
        for _ in range(ROUNDS):
            load(baseline_clients, SECONDS / 4 / ROUNDS, baseline)
            load(product_clients, SECONDS / ROUNDS, product, lambda: memory.append(sum_memory(find_worker)))
    baseline_rate, rate = len(baseline.durations) / (SECONDS / 4), len(product.durations) / SECONDS
    share, errors = 100 * rate / baseline_rate, product.count(500)
    yield "minimal list, requests per second", f"{baseline_rate:.0f}", "", baseline.count(400) == 0
    yield "helpdesk, requests per second", f"{rate:.0f}", "", True
    yield "share of the minimal list", f"{share:.0f} %", f">= {MIN_SHARE} %", share >= MIN_SHARE
    yield "95th percentile", f"{product.p95:.0f} ms", f"<= {MAX_P95_MS} ms", product.p95 <= MAX_P95_MS
    yield "responses 5xx", f"{errors}", "0", errors == 0
    yield "responses 4xx", f"{product.count(400) - errors}", "0", product.count(400) == errors
    statements, is_constant = count_statements(find_unresolved_tickets(database)[0])
    constant = "constant" if is_constant else "NOT constant"
    is_met = statements <= MAX_STATEMENTS and is_constant
    yield "most statements of a page", f"{statements}, {constant}", f"<= {MAX_STATEMENTS}", is_met
    growth = compute_growth(memory)
    yield "memory growth", f"{growth:.1f} %", f"<= {MAX_GROWTH} %", growth <= MAX_GROWTH


def enter(url: str, tickets: list[int]) -> list["ProductClient"]:
    return [
        ProductClient(url, ("user", "helpdesk")[number % 2], tickets, number) for number in range(CLIENTS)
    ]


def find_unresolved_tickets(database: str) -> list[int]:
    """Up to 2,000 ids of tickets that both roles see and that accept messages."""
    with psycopg.connect(database) as connection:
        query = "SELECT id FROM tickets_ticket WHERE status <> 'closed' ORDER BY id LIMIT 2000"
        return [row[0] for row in connection.execute(query)]


class ProductClient:
    """One client of a role, which reads in turns and writes every tenth time."""

    def __init__(self, url: str, role: str, tickets: list[int], number: int):
        self.client, self.reads = HelpdeskClient(url), READS[role]
        self.tickets, self.number = tickets, number
        self.client.enter(role)

    def send_request(self) -> int:
        self.number += 1
        ticket = self.tickets[self.number * 7919 % len(self.tickets)]
        if self.number % WRITE_EVERY:
            return self.client.request("GET", self.reads[self.number % len(self.reads)].format(ticket))
        if self.number % (2 * WRITE_EVERY):
            return self.client.request("POST", API, {"description": f"The wifi is slow, {self.number}"})
        return self.client.request("POST", f"{API}{ticket}/messages/", {"body": f"Still so, {self.number}"})


class BaselineClient:
    def __init__(self, url: str):
        self.client, self.number = HelpdeskClient(url), 0

    def send_request(self) -> int:
        self.number += 1
        if self.number % WRITE_EVERY:
            return self.client.request("GET", "/tickets")
        return self.client.request("POST", "/tickets", {"description": f"The wifi is slow, {self.number}"})


def load(
    clients: list, seconds: float, samples: Samples, every_second: Callable[[], None] = lambda: None
) -> None:
    """All clients send requests at once, each one after the other; adds the responses to the samples."""
    end = time.monotonic() + seconds

    def run(client) -> None:
        while (start := time.monotonic()) < end:
            status = client.send_request()
            samples.durations.append((time.monotonic() - start) * 1000)
            samples.statuses.append(status)

    threads = [threading.Thread(target=run, args=[client], daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    while time.monotonic() < end:
        time.sleep(1)
        every_second()
    for thread in threads:
        thread.join(60)


def sum_memory(find_worker: Callable[[], int]) -> float:
    """MB of private memory of all workers. If one is being replaced, all are measured again."""
    for _ in range(10):
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            workers = psutil.Process(find_worker()).parent().children()
            return sum(read_memory(child.pid, "RssAnon") for child in workers)
    raise RuntimeError("the web processes are gone")


def compute_growth(memory: list[float]) -> float:
    """The growth in percent from the median of the first quarter of the run to that of the last."""
    quarter = len(memory) // 4
    first, last = statistics.median(memory[:quarter]), statistics.median(memory[-quarter:])
    return 100 * (last - first) / first


def count_statements(ticket: int) -> tuple[int, bool]:
    """The most statements of a page, and whether lists of 1 row and of 100 rows need equally many."""
    import django

    django.setup()
    logging.disable(logging.INFO)  # one line per request
    from django.db import connection
    from django.test import Client

    from benchmarks import pages

    client = Client(headers={"host": "localhost"})
    client.post("/enter/", {"role": "helpdesk"})
    lists = [
        [pages.count_statements(client, add_page_size(path, size)) for path in LISTS] for size in (1, 100)
    ]
    tickets = [pages.count_statements(client, f"{area}/{ticket}/") for area in ("/tickets", "/desk/tickets")]
    connection.close()  # so that the database can be dropped
    return max(*lists[1], *tickets), lists[0] == lists[1]


def add_page_size(path: str, size: int) -> str:
    return f"{path}{'&' if '?' in path else '?'}page_size={size}"


if __name__ == "__main__":
    main()
