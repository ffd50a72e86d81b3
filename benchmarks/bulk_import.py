"""How fast history is imported, compared with a COPY of the same rows into a table without triggers."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection, transaction

from campus_helpdesk.demo.campus import generate
from campus_helpdesk.imports.categorize import use_given_category
from campus_helpdesk.imports.import_errors import ImportErrors
from campus_helpdesk.imports.load import load_history
from tickets.triage import load_shipped_model


def measure(count: int) -> Iterator[tuple[str, str, str]]:
    rows = [ticket for ticket, _messages in generate(count, 1, datetime.now(UTC).date())]
    baseline = copy_baseline(rows)
    seconds = load_history(
        rows,
        [],
        greatest_id=count,
        categorize=use_given_category(load_shipped_model()),
        errors=ImportErrors(),
    ).seconds
    yield "COPY of the same rows", f"{count / baseline:,.0f} /s", "1.0"
    yield (
        "load_tickets, category given (goal 5,000 /s)",
        f"{count / seconds:,.0f} /s",
        f"{seconds / baseline:.1f}",
    )


def copy_baseline(rows: list) -> float:
    """The lower bound in seconds: the same columns, no index, no trigger, no history."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE baseline (id bigint, body text, status text, at timestamptz)"
            " ON COMMIT DROP"
        )
        start = time.perf_counter()
        with cursor.copy("COPY baseline FROM STDIN") as copy:
            for row in rows:
                copy.write_row((row.id, row.description, row.status, row.opened_at))
        return time.perf_counter() - start
