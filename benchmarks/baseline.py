"""The benchmarks' web process: the product, and two minimal views, of the same rows and of nothing."""

from django.db import connection
from django.http import HttpResponse
from django.urls import path

from campus_helpdesk.wsgi import application as product  # isort: skip  # first: it sets Django up
from campus_helpdesk.urls import urlpatterns
from tickets.facts import FIELDS

urlpatterns.append(path("noop", lambda request: HttpResponse()))

ROWS = f"COPY (SELECT {', '.join(FIELDS)} FROM tickets_ticket) TO STDOUT CSV"
BLOCK = 1 << 16


def application(environ, start_response):
    if environ["PATH_INFO"] != "/baseline":
        return product(environ, start_response)
    start_response("200 OK", [("Content-Type", "text/csv")])
    return pass_through()


def pass_through():
    """PostgreSQL's output in blocks, without any code of the product."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        with cursor.copy(ROWS) as copy:
            parts, size = [], 0
            for row in copy:
                parts.append(row)
                size += len(row)
                if size >= BLOCK:
                    yield b"".join(parts)
                    parts, size = [], 0
            yield b"".join(parts)
