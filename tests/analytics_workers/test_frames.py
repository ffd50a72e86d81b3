from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest

from analytics_workers.frames import FactsUnreadable, make_frame, read_moment
from tests.support.api_server import AS_OF, ROWS, make_stream
from tests.support.facts import read_stream


@pytest.mark.parametrize("as_dictionary", [False, True])
def test_frame_has_types_and_every_microsecond(as_dictionary):
    opened = datetime(2026, 3, 1, 0, 0, 0, 1, tzinfo=UTC)
    rows = [
        (7, "it", "closed", opened, opened + timedelta(microseconds=1)),
        (8, "services", "open", AS_OF, None),
    ]
    frame = make_frame(read_stream(make_stream(rows, as_dictionary=as_dictionary), 2))
    assert list(frame["category"].cat.categories) == ["facility", "it", "services"]
    assert list(frame["status"].cat.categories) == ["open", "active", "closed"]
    assert str(frame["opened_at"].dtype) == str(frame["closed_at"].dtype) == "datetime64[us, UTC]"
    assert frame["closed_at"][0] - frame["opened_at"][0] == pd.Timedelta(microseconds=1)
    assert pd.isna(frame["closed_at"][1])
    assert list(frame["building"]) == ["", ""]


def test_frame_of_no_tickets_has_the_same_types():
    empty, full = (make_frame(read_stream(make_stream(rows), len(rows))) for rows in ([], ROWS))
    assert len(empty) == 0
    assert list(map(str, empty.dtypes)) == list(map(str, full.dtypes))


LATER = AS_OF + timedelta(days=1)


@pytest.mark.parametrize(
    "row",
    [
        (1, "garden", "open", AS_OF, None),
        (1, None, "open", AS_OF, None),
        (1, "it", "gone", AS_OF, None),
        (1, "it", None, AS_OF, None),
        (1, "it", "open", None, None),
        (None, "it", "open", AS_OF, None),
        (1, "it", "open", AS_OF, LATER),
        (1, "it", "closed", AS_OF, None),
        (1, "it", "closed", LATER, AS_OF),
        (1, "it", "open", AS_OF, None, AS_OF),
        (1, "it", "active", AS_OF, None, None),
        (1, "it", "active", LATER, None, AS_OF),
        (1, "it", "closed", AS_OF, AS_OF, LATER),
        (1, "it", "open", LATER, None, None, AS_OF),
        ROWS[3],
    ],
)
def test_tickets_that_break_a_rule_are_refused(row):
    with pytest.raises(FactsUnreadable):
        read_stream(make_stream([*ROWS, row]), len(ROWS) + 1)


def stream_of(columns: dict) -> bytes:
    table, sink = pa.table(columns), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"<html>no</html>",
        b"garbage" * 100,
        make_stream(ROWS)[:200],
        make_stream(ROWS)[:-20],
        make_stream([]),
        make_stream(ROWS[:3]),
        make_stream(ROWS) + make_stream(ROWS),
        stream_of({"id": [1]}),
        stream_of(
            {"id": ["a"], "category": ["it"], "status": ["open"], "opened_at": [AS_OF], "closed_at": [None]}
        ),
        stream_of(
            {"id": [1], "category": ["it"], "status": ["open"], "opened_at": ["now"], "closed_at": [None]}
        ),
    ],
)
def test_unknown_format_of_facts_is_refused(stream):
    with pytest.raises(FactsUnreadable):
        read_stream(stream, len(ROWS))


def test_time_is_read_with_any_offset():
    assert read_moment("2026-03-15T12:00:00Z") == datetime(2026, 3, 15, 12, tzinfo=UTC)
    assert read_moment("2026-03-15T13:00:00.25+01:00") == AS_OF
    assert read_moment("2026-03-15T12:00:00+02:00").tzinfo is UTC


@pytest.mark.parametrize("text", ["", "now", "2026-03-15T12:00:00", "2026-13-01T00:00:00Z"])
def test_unreadable_time_is_refused(text):
    with pytest.raises(FactsUnreadable):
        read_moment(text)
