"""Results damaged in transit, or too late: a readable reason, no server error, and no altered content."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx
import pytest

from common.analysis_messages import MAX_COLUMNS, MAX_ROWS, parts_sha256
from tests.support.analyses import PNG, SVG, make_png
from tests.support.analyses import make_result as make_result_of_this_process
from tests.support.chaos.jobs import ExtendedSite, Jobs, count_wrong_results
from tests.support.chaos.tokens import bearer

HEAD = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
MIB = 1024 * 1024
SITE_TIME_ZONE = "UTC"  # the site's processes are started without CAMPUS_TIME_ZONE


def make_result(**changes) -> dict:
    """A result as a service of the site sends it."""
    result = make_result_of_this_process(**changes)
    result["lineage"]["time_zone"] = SITE_TIME_ZONE
    return result


def result_text(**changes) -> str:
    return json.dumps(make_result(**changes))


GOOD = make_result()


@dataclass(frozen=True)
class Parts:
    result: bytes = result_text().encode()
    svg: bytes = SVG
    png: bytes = PNG
    sha256: str = ""


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in GOOD.items() if key != name}).encode()


def with_lineage(**changes: object) -> bytes:
    return json.dumps(GOOD | {"lineage": GOOD["lineage"] | changes}).encode()


RESULTS = {
    "empty": b"",
    "no JSON": b"<html>",
    "null": b"null",
    "a list": b"[]",
    "cut in half": result_text().encode()[:300],
    "without its last byte": result_text().encode()[:-1],
    "not a number": result_text().replace("1.25", "NaN").encode(),
    "another number": result_text().replace("1.25", "1.26").encode(),
    "another month in the table": result_text().replace("2026-03", "2026-05", 1).encode(),
    "no title": without("title"),
    "no rows": without("rows"),
    "no lineage": without("lineage"),
    "an unknown field": result_text(script="alert(1)").encode(),
    "a title that is not a text": result_text(title=5).encode(),
    "an empty title": result_text(title=" ").encode(),
    "NUL in a text": result_text(alt_text="a\x00b").encode(),
    "half a surrogate pair": result_text(alt_text="\ud800").encode(),
    "notes that are not a list": result_text(notes="none").encode(),
    "a row too wide": result_text(rows=[["2026-02", 1, 2]]).encode(),
    "a cell that is an object": result_text(rows=[["2026-02", {}]]).encode(),
    "too many rows": result_text(rows=[["a", 1]] * (MAX_ROWS + 1)).encode(),
    "too many columns": result_text(
        columns=[{"name": f"c{n}", "label": "c", "unit": ""} for n in range(MAX_COLUMNS + 1)], rows=[]
    ).encode(),
    "no checksum": with_lineage(sha256=""),
    "rows read that are not a number": with_lineage(rows_read="3"),
    "endless nesting": b"[" * 100_000,
    "bytes that are not UTF-8": result_text().encode().replace(b"Bars", b"B\xe4rs"),
}
SVGS = {
    "a page": b"<html><script>alert(1)</script></html>",
    "a script": HEAD + b"<script>alert(1)</script></svg>",
    "a handler": HEAD + b'<g onload="alert(1)"/></svg>',
    "a link that runs": HEAD + b'<a xlink:href="javascript:alert(1)"/></svg>',
    "entities": b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + HEAD + b"&a;</svg>",
    "cut off": SVG[:-10],
}
PNGS = {
    "a page": b"<html><script>alert(1)</script></html>",
    "cut off": PNG[:-20],
    "another byte": PNG[:40] + bytes([PNG[40] ^ 1]) + PNG[41:],
    "bytes after its end": PNG + b"<script>",
    "too wide": make_png(width=2001),
    "too large": make_png(size=5 * MIB + 1),
}
SENT = Parts(sha256=parts_sha256(result_text().encode(), SVG, PNG))
ALTERED_IN_TRANSIT = {
    "another letter beside the table": replace(
        SENT, result=SENT.result.replace(b"Bars that grow", b"Bars that grew")
    ),
    "another line in the drawing": replace(SENT, svg=SVG.replace(b"L9 9", b"L9 8")),
    "another whole picture": replace(SENT, png=make_png(width=9)),
}
MUTATIONS = (
    [Parts(result=result) for result in RESULTS.values()]
    + [Parts(svg=svg) for svg in SVGS.values()]
    + [Parts(png=png) for png in PNGS.values()]
    + list(ALTERED_IN_TRANSIT.values())
)


def deliver(site: ExtendedSite, pk: str, parts: Parts) -> httpx.Response:
    """As a service does: start, then the result."""
    base = f"{site.url}/api/v1/analyses/{pk}"
    started = httpx.post(f"{base}/start/", json={"attempt": 1}, headers=bearer("analysis:write", analysis=pk))
    assert started.status_code == 200, started.text
    fields = {"attempt": "1"} | ({"sha256": parts.sha256} if parts.sha256 else {})
    files = {name: (name, getattr(parts, name)) for name in ("result", "svg", "png")}
    return httpx.post(
        f"{base}/result/", data=fields, files=files, headers=bearer("analysis:write", analysis=pk), timeout=30
    )


@pytest.fixture
def idle(working: ExtendedSite) -> Iterator[ExtendedSite]:
    """A site whose worker is frozen: the test delivers the results."""
    with working.worker.frozen():
        yield working


@pytest.mark.fault_fast
def test_damaged_results_fail_with_a_reason(idle, figures):
    jobs = Jobs(idle)
    (good,) = jobs.request()
    assert deliver(idle, good, SENT).status_code == 204
    recognised, faults, served = 0, 0, 0
    for parts in MUTATIONS:
        (pk,) = jobs.request()
        answer = deliver(idle, pk, parts)
        (row,) = jobs.rows([pk])
        recognised += row.state == "failed" and row.reason.startswith(
            "The service sent an unreadable result."
        )
        shown = [jobs.person.get(path) for path in list_addresses(pk)]
        faults += sum(page.status_code >= 500 for page in [answer, *shown])
        served += sum(page.status_code == 200 for page in shown[2:])
    assert count_wrong_results(jobs) == 0
    count = len(MUTATIONS)
    assert count >= 40
    figures.record(
        "damaged_results",
        f"of {count} damaged results, recognised as unreadable",
        recognised,
        goal=str(count),
        is_met=recognised == count,
    )
    figures.record("damaged_results", "server errors", faults, goal="0", is_met=faults == 0)
    figures.record(
        "damaged_results", "altered charts and tables served", served, goal="0", is_met=served == 0
    )


def list_addresses(pk: str) -> list[str]:
    """The page, the analysis, its files."""
    api = f"/api/v1/analyses/{pk}"
    return [f"/desk/analytics/{pk}/", f"{api}/", f"{api}/chart.svg", f"{api}/chart.png", f"{api}/table.csv"]


@pytest.mark.fault_fast
def test_jobs_end_as_expired_without_a_worker(idle, figures):
    jobs = Jobs(idle)
    (pk,) = jobs.request()
    jobs.age_rows(3601, "queued_at", ids=[pk])
    jobs.wait_for("expired", [pk])
    assert "Run it again." in jobs.person.get(f"/desk/analytics/{pk}/").text
    assert jobs.person.analysis(pk).json()["state"] == "expired"
    answer = httpx.post(
        f"{idle.url}/api/v1/analyses/{pk}/start/",
        json={"attempt": 1},
        headers=bearer("analysis:write", analysis=pk),
        timeout=30,
    )
    late = answer.status_code != 409
    figures.record("jobs_end", "late starts of an expired job", int(late), goal="0", is_met=not late)
