"""What a page costs with many tickets, compared with the barest response of the same process, and its
statements."""

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
    bare = time_page(client, "/healthz")
    yield "bare answer", f"{bare:.1f} ms", "1.0"
    pages = PAGES | {"ticket": f"/tickets/{Ticket.objects.order_by('-id').values_list('id', flat=True)[0]}/"}
    for name, path in pages.items():
        statements = count_statements(client, path)
        median = time_page(client, path)
        yield f"{name} ({statements} statements)", f"{median:.1f} ms", f"{median / bare:.0f}"


def count_statements(client: Client, path: str) -> int:
    seen: list[str] = []

    def note(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = client.get(path)
    assert answer.status_code == 200, path
    return len(seen)


def time_page(client: Client, path: str) -> float:
    """Median milliseconds."""
    laps = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(path)
        laps.append((time.perf_counter() - start) * 1000)
    return statistics.median(laps)
