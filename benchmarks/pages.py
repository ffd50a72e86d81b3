"""Time and statements of a page with many tickets, compared with the health check of the same process."""

import statistics
import time
from collections.abc import Iterator

from django.db import connection
from django.test import Client

from tickets.models import Ticket

ROUNDS = 15
PAGES = {
    "list": "/tickets/",
    "list, filtered": "/tickets/?status=open&category=it",
    "search, common word": "/tickets/?q=wifi",
    "search, rare word": "/tickets/?q=oscilloscope",
    "queue": "/desk/",
    "API list": "/api/v1/tickets/?page_size=25",
}


def measure(count: int) -> Iterator[tuple[str, str, str]]:
    client = Client(headers={"host": "localhost"})
    client.post("/enter/", {"role": "helpdesk"})
    baseline = time_page(client, "/healthz")
    yield "health check", f"{baseline:.1f} ms", "1.0"
    pages = PAGES | {"ticket": f"/tickets/{Ticket.objects.order_by('-id').values_list('id', flat=True)[0]}/"}
    for name, path in pages.items():
        statements = count_statements(client, path)
        median = time_page(client, path)
        yield f"{name} ({statements} statements)", f"{median:.1f} ms", f"{median / baseline:.0f}"


def count_statements(client: Client, path: str) -> int:
    statements: list[str] = []

    def record(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        answer = client.get(path)
    assert answer.status_code == 200, path
    return len(statements)


def time_page(client: Client, path: str) -> float:
    """Median milliseconds."""
    durations = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(path)
        durations.append((time.perf_counter() - start) * 1000)
    return statistics.median(durations)
