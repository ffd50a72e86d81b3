"""Frames for the measures, made as a worker makes them: from an Arrow stream."""

import io
from datetime import UTC, datetime

import pandas as pd

from analytics_workers.frames import FactColumns, make_frame, read_columns
from tests.support.api_server import make_stream


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_facts(*tickets: tuple) -> pd.DataFrame:
    """Tickets as (category, status, opened_at, then none, some or all of closed_at, activated_at,
    first_answered_at, building, solved); ids are counted."""
    rows = [(number, *ticket, *[None] * (4 - len(ticket))) for number, ticket in enumerate(tickets, start=1)]
    return make_frame(read_stream(make_stream(rows), len(rows)))


def read_stream(stream: bytes, count: int) -> FactColumns:
    return read_columns(io.BytesIO(stream), count, lambda rows: None)
