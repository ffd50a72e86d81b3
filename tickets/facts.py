"""The facts about tickets that analytics may read, in bulk: timestamps, status, category, building and
whether the reporter calls the problem solved, but no person and no text.

The rows are those of a queryset that access and filters have already narrowed. They are read from one
snapshot as Arrow batches over a separate connection, so a million of them take no memory in the web process.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import adbc_driver_manager as adbc
import adbc_driver_postgresql
import pyarrow as pa
from django.db import OperationalError, connection
from django.db.models import Case, CharField, Max, QuerySet, Subquery, Value, When
from django.db.models.functions import Greatest
from psycopg import ClientCursor
from psycopg.conninfo import make_conninfo

from common.errors import Invalid
from tickets.following.models import Feedback
from tickets.models import Ticket

MOMENTS = ("opened_at", "activated_at", "first_answered_at", "closed_at")
FIELDS = ("id", "category", "status", "solved", "building", *MOMENTS)
SOLVED = Case(
    When(feedback__is_solved=True, then=Value("yes")),
    When(feedback__is_solved=False, then=Value("no")),
    default=Value(""),
    output_field=CharField(),
)
MOMENT_TEXT = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
AS_TEXT, AS_TEXT_OR_EMPTY = f"{MOMENT_TEXT} AS {{0}}", f"coalesce({MOMENT_TEXT}, '') AS {{0}}"
AS_MOMENT = "{0}"
BATCH_OPTIONS = {"adbc.postgresql.batch_size_hint_bytes": str(1 << 18)}

# source: identifies these rows. It changes when the server is started again or a table is rewritten, as by
# a restore or TRUNCATE; tokens from before are worthless then.
SNAPSHOT = """
SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint,
    pg_snapshot_xmin(pg_current_snapshot())::text,
    md5(concat_ws(' ', pg_postmaster_start_time(), current_database(), 'tickets_ticket'::regclass::oid,
        pg_relation_filenode('tickets_ticket'), 'tickets_feedback'::regclass::oid,
        pg_relation_filenode('tickets_feedback'))),
    (SELECT count(*) FROM ({0}) AS fact)
"""
# Any change of a fact changes the sum: each row weights its values with its id.
CHECKSUM = """
SELECT concat_ws('-', count(*), coalesce(sum(id % {m} * ((
    {moments} + ('x' || left(md5(concat_ws('|', category, status, solved, building)), 7))::bit(28)::bigint
) % {m})), 0)) FROM ({{0}}) AS fact
""".format(
    m=2**31 - 1,
    moments=" + ".join(
        f"{weight} * (coalesce(round(date_part('epoch', {name}) * 1e6)::bigint, 0) % {2**31 - 1})"
        for weight, name in enumerate(MOMENTS, start=1)
    ),
)


@dataclass(frozen=True)
class Snapshot:
    """as_of: the database's time. token: send it back as changed_after to get later changes.

    source: tokens of another source are worthless. count: the rows that follow. checksum: over all tickets
    that the caller may know of, whatever the filters; empty if not requested.
    """

    as_of: datetime
    token: int
    source: str
    count: int
    checksum: str


def read_fields(raw: str | None) -> tuple[str, ...]:
    """The requested fields, or all. Raises Invalid."""
    if raw is None:
        return FIELDS
    wanted = tuple(dict.fromkeys(name.strip() for name in raw.split(",")))
    unknown = [name for name in wanted if name not in FIELDS]
    if unknown:
        raise Invalid({"fields": [f"Unknown: {', '.join(unknown)}. Known: {', '.join(FIELDS)}."]})
    return wanted


def read_newest_change() -> int:
    """The newest transaction that wrote a fact, 0 if there is none; answered by two indexes."""
    newest_feedback = Feedback.objects.order_by("-changed_xid").values("changed_xid")[:1]
    newest = Greatest(Max("changed_xid"), Subquery(newest_feedback))
    return Ticket.objects.aggregate(newest=newest)["newest"] or 0


def with_solved(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """With `solved`: "yes" or "no" as the reporter says, "" if they have not said."""
    return rows.annotate(solved=SOLVED)


def compile_query(rows: QuerySet[Ticket], fields: Sequence[str], moment_as: str = AS_MOMENT) -> str:
    """A queryset's SQL with its values filled in and quoted by the driver."""
    sql, params = with_solved(rows).order_by().values_list(*fields).query.sql_with_params()
    connection.ensure_connection()
    inner = ClientCursor(connection.connection).mogrify(sql, params)
    columns = ", ".join(moment_as.format(name) if name in MOMENTS else name for name in fields)
    return f"SELECT {columns} FROM ({inner}) AS fact"  # noqa: S608  names come from FIELDS


def stream_facts(
    rows: QuerySet[Ticket],
    fields: Sequence[str],
    *,
    moment_as: str = AS_MOMENT,
    checksum_rows: QuerySet[Ticket] | None = None,
) -> tuple[Snapshot, Iterator[pa.RecordBatch]]:
    """The snapshot and its rows; `checksum_rows` are the rows for the checksum, if requested.

    The transaction lasts until the batches are read. Raises OperationalError.
    """
    query = compile_query(rows, fields, moment_as)
    checksum = CHECKSUM.format(compile_query(checksum_rows, FIELDS)) if checksum_rows is not None else ""
    parts = _stream(query, checksum)
    snapshot = next(parts)
    return snapshot, parts


def _stream(query: str, checksum: str) -> Iterator:
    with _open_snapshot() as facts_connection:
        yield _read_snapshot(facts_connection, query, checksum)
        yield from _fetch_batches(facts_connection, query)


@lru_cache(maxsize=1)
def _find_database(address: str) -> adbc.AdbcDatabase:
    """Not connected yet, but it has loaded the database's types, which takes ten times as long as
    connecting."""
    return adbc_driver_postgresql.connect(address)


@contextmanager
def _open_snapshot() -> Iterator[adbc.AdbcConnection]:
    """A second connection to Django's database; its first SELECT starts the snapshot."""
    info = connection.connection.info
    try:
        database = _find_database(make_conninfo(**info.get_parameters(), password=info.password))
        with adbc.AdbcConnection(database) as facts_connection:
            facts_connection.set_autocommit(False)
            list(
                _fetch_batches(facts_connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            )
            list(_fetch_batches(facts_connection, "SET LOCAL statement_timeout = 0"))
            yield facts_connection
    except adbc.Error as error:
        raise OperationalError("the facts could not be read") from error


def _fetch_batches(facts_connection: adbc.AdbcConnection, sql: str) -> Iterator[pa.RecordBatch]:
    """Raises OperationalError. A failure while rows are read is an error of Arrow's."""
    try:
        with adbc.AdbcStatement(facts_connection) as statement:
            statement.set_options(**BATCH_OPTIONS)
            statement.set_sql_query(sql)
            stream, _ = statement.execute_query()
            with pa.RecordBatchReader.from_stream(stream) as batches:
                yield from batches
    except (adbc.Error, pa.ArrowException, OSError) as error:
        raise OperationalError("the facts could not be read") from error


def _read_snapshot(facts_connection: adbc.AdbcConnection, query: str, checksum: str) -> Snapshot:
    micros, token, source, count = _read_row(facts_connection, SNAPSHOT.format(query))
    as_of = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    checksum = _read_row(facts_connection, checksum)[0] if checksum else ""
    return Snapshot(as_of, int(token), source, count, checksum)


def _read_row(facts_connection: adbc.AdbcConnection, sql: str) -> list:
    (batch,) = _fetch_batches(facts_connection, sql)
    return [column[0].as_py() for column in batch.columns]
