"""Analyses in every state, moved there by the product's own actions."""

import json
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.db import connection, connections

from analytics_gateway.attempts import fail_analysis, record_result, start_analysis
from analytics_gateway.models import Analysis, ReportSchedule
from analytics_gateway.results import Result
from common import __version__
from common.analysis_messages import result_sha256
from common.roles import Caller, Role

USER = Caller(Role.USER, name="Ursula", session="session-of-ursula")
HELPDESK = Caller(Role.HELPDESK, name="Hedda", session="session-of-hedda")

SVG = (
    b'<?xml version="1.0" encoding="utf-8" standalone="no"?>\n'
    b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
    b'<defs><path id="p" d="M0 0L9 9"/></defs><use xlink:href="#p"/></svg>'
)


def make_png(width: int = 8, height: int = 5, size: int = 0) -> bytes:
    """A white PNG; `size` pads it to that many bytes."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress((b"\x00" + b"\xff" * width) * height)),
        (b"IEND", b""),
    ]
    room = size - 8 - sum(12 + len(content) for _, content in chunks) - 12
    if size:
        chunks.insert(1, (b"tEXt", b"x" * room))
    packed = (
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


PNG = make_png()


def make_result(**changes) -> dict:
    """A result as a service sends it, with the right checksum."""
    numbers = {
        "columns": [
            {"name": "month", "label": "Month", "unit": ""},
            {"name": "mean_hours", "label": "Mean", "unit": "hours"},
        ],
        "rows": [["2026-02", None], ["2026-03", 1.25], ["2026-04", 1e16]],
        "headline": {"value": 3, "label": "tickets", "unit": "tickets"},
    } | {name: value for name, value in changes.items() if name in ("columns", "rows", "headline")}
    lineage = {
        "as_of": "2026-04-01T10:00:00.000000Z",
        "time_zone": settings.CAMPUS_TIME_ZONE,
        "rows_read": 3,
        "filter": "all tickets",
        "formula": "mean",
        "code_version": __version__,
        "sha256": result_sha256(**numbers),
    }
    words = {"title": "Resolution time", "notes": ["A note"], "alt_text": "Bars that grow."}
    return {**numbers, **words, "lineage": lineage} | changes


def result_text(**changes) -> str:
    return json.dumps(make_result(**changes))


def make_analysis(service: str = "unresolved", **fields) -> Analysis:
    params = {"period": "7d"} if service == "unresolved" else {}
    analysis = Analysis.objects.create(
        service=service, params=params, asked_by_role="helpdesk", asked_by_name="Hedda", **fields
    )
    analysis.refresh_from_db()
    return analysis


def make_running(attempt: int = 1, **fields) -> Analysis:
    analysis = make_analysis(**fields)
    for number in range(1, attempt):
        start_analysis(analysis.pk, number)
        fail_analysis(analysis.pk, number, "The API did not answer.", retry=True)
    return start_analysis(analysis.pk, attempt)


def make_done(**fields) -> Analysis:
    return finish(make_running(**fields))


def finish(analysis: Analysis, text: str = "") -> Analysis:
    """Its first attempt sends this result."""
    record_result(analysis.pk, 1, Result.read(text or result_text(), SVG, PNG))
    analysis.refresh_from_db()
    return analysis


def make_schedule(**fields) -> ReportSchedule:
    """By default daily at 7 in campus time."""
    defaults = {"service": "active-by-category", "cadence": "daily", "hour": 7, "asked_by_role": "helpdesk"}
    schedule = ReportSchedule.objects.create(**defaults | fields)
    schedule.refresh_from_db()
    return schedule


def shift_timestamps(analysis: Analysis, time: timedelta, *columns: str) -> None:
    """Makes these timestamps of the row that much earlier, as if so much time had passed."""
    assignments = ", ".join(f"{name} = {name} - %s" for name in columns)
    sql = f"UPDATE analytics_gateway_analysis SET {assignments} WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [time] * len(columns) + [analysis.pk])


def run_concurrently(count: int, work) -> list:
    """The results of `count` threads that do the same at the same time; errors are returned as results."""

    def run(_: int):
        try:
            return work()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def make_old(analysis: Analysis, age: timedelta) -> Analysis:
    """The same row as if it had ended so long ago."""
    with pgtrigger.ignore("analytics_gateway.Analysis:analysis_final_stands"):
        shift_timestamps(analysis, age, "requested_at", "finished_at")
    return analysis
