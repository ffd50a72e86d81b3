"""What analytics may know of tickets, in bulk: moments, kinds and the building, never a person, never a text.

The rows are those of a queryset that access and filters have cut already; COPY streams them out of
one snapshot, chunk by chunk, so that a million of them cost the web process no memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from psycopg import ClientCursor

from tickets.errors import Invalid
from tickets.models import Ticket

MOMENTS = ("opened_at", "activated_at", "first_answered_at", "closed_at")
FIELDS = ("id", "category", "status", "building", *MOMENTS)
AS_TEXT = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS {0}"""
AS_MICROSECONDS = "(extract(epoch FROM {0}) * 1000000)::bigint AS {0}"


@dataclass(frozen=True)
class Snapshot:
    """as_of: the database's moment. token: give it back as changed_after for what came later."""

    as_of: datetime
    token: int


def read_fields(raw: str | None) -> tuple[str, ...]:
    """The fields asked for, all where none are. Raises Invalid."""
    if raw is None:
        return FIELDS
    wanted = tuple(dict.fromkeys(name.strip() for name in raw.split(",")))
    unknown = [name for name in wanted if name not in FIELDS]
    if unknown:
        raise Invalid({"fields": [f"Unknown: {', '.join(unknown)}. Known: {', '.join(FIELDS)}."]})
    return wanted


def compile_copy(rows: QuerySet[Ticket], fields: Sequence[str], moment_as: str, header: bool) -> str:
    """The COPY statement over a queryset's own SQL."""
    sql, params = rows.order_by().values_list(*fields).query.sql_with_params()
    inner = ClientCursor(connection.connection).mogrify(sql, params)
    columns = ", ".join(moment_as.format(name) if name in MOMENTS else name for name in fields)
    # Names come from FIELDS, values were quoted by the driver: COPY itself takes no parameters.
    return f"COPY (SELECT {columns} FROM ({inner}) AS fact) TO STDOUT (FORMAT csv, HEADER {header})"  # noqa: S608


def open_snapshot(cursor) -> Snapshot:
    """Begin the one snapshot that as_of, token and rows share; within a transaction, first of all."""
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    cursor.execute("SET LOCAL statement_timeout = 0")
    cursor.execute("SELECT statement_timestamp(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    as_of, token = cursor.fetchone()
    return Snapshot(as_of.astimezone(UTC), token)


def read_newest_change() -> int:
    """The newest transaction that wrote a ticket, 0 where there is none: an index tells it."""
    return Ticket.objects.aggregate(newest=Max("changed_xid"))["newest"] or 0


def stream_facts(
    rows: QuerySet[Ticket], fields: Sequence[str], *, moment_as: str, header: bool
) -> tuple[Snapshot, Iterator[bytes]]:
    """The snapshot and its rows as CSV chunks. The transaction lasts until the chunks are read."""
    parts = _stream(rows, fields, moment_as, header)
    snapshot = next(parts)
    return snapshot, parts


def _stream(rows, fields, moment_as, header) -> Iterator:
    with transaction.atomic(), connection.cursor() as cursor:
        yield open_snapshot(cursor)
        statement = compile_copy(rows, fields, moment_as, header)
        with cursor.copy(statement) as copy:
            for chunk in copy:
                yield bytes(chunk)
