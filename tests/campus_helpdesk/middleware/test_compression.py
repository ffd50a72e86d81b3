import gzip

import pytest

from analytics_gateway.attempts import record_result
from analytics_gateway.models import Analysis
from analytics_gateway.results import Result
from tests.support.analyses import PNG, SVG, make_running, result_text
from tests.support.clients import bearer
from tests.support.factories import make_ticket

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def done(db) -> Analysis:
    """A result of some size, and a ticket."""
    make_ticket()
    running = make_running()
    rows = [[f"2026-{day:03d}", day / 7] for day in range(100)]
    svg = SVG.replace(b"<use ", b'<use xlink:href="#p"/>' * 100 + b"<use ")
    record_result(running.pk, 1, Result.read(result_text(rows=rows).encode(), svg, PNG))
    running.refresh_from_db()
    return running


def test_pages_json_svg_and_csv_are_compressed_without_loss(helpdesk, done):
    files = f"/api/v1/analyses/{done.pk}"
    for path in ("/api/v1/tickets/", f"{files}/", f"{files}/table.csv", "/api/schema/", f"{files}/chart.svg"):
        plain, packed = helpdesk.get(path), helpdesk.get(path, **GZIP)
        assert packed["Content-Encoding"] == "gzip", path
        assert gzip.decompress(packed.content) == plain.content
        assert len(packed.content) < len(plain.content)
        assert packed["Content-Length"] == f"{len(packed.content)}"
        assert {"Cookie", "Accept-Encoding"} <= set(packed["Vary"].split(", "))
        assert "Content-Encoding" not in plain
    for path in ("/desk/", "/tickets/", f"/desk/analytics/{done.pk}/", "/admin/", "/api/docs/"):
        packed = helpdesk.get(path, **GZIP)
        assert b"</html>" in gzip.decompress(packed.content), path
        assert packed["Content-Length"] == f"{len(packed.content)}"


def test_head_has_the_headers_of_get(helpdesk, done):
    head = helpdesk.client.head("/api/docs/", headers=GZIP)
    assert (head.status_code, head["Content-Encoding"], head.content) == (200, "gzip", b"")


def test_size_of_a_page_is_padded_randomly(helpdesk, done):
    sizes = {len(helpdesk.get("/api/v1/analyses/services/", **GZIP).content) for _ in range(12)}
    assert 1 < max(sizes) - min(sizes) <= 100


def test_ticket_keeps_a_strong_etag(helpdesk, done):
    ticket = make_ticket(description="The lamp flickers. " * 40)
    path = f"/api/v1/tickets/{ticket.pk}/"
    shown = helpdesk.get(path, **GZIP)
    assert (shown["ETag"], "Content-Encoding" in shown) == (f'"{ticket.version}"', False)
    changed = helpdesk.api("PATCH", f"tickets/{ticket.pk}/", {"room": "2.01"}, If_Match=shown["ETag"])
    assert changed.status_code == 200


@pytest.mark.parametrize("accept", ["application/vnd.apache.arrow.stream", "text/csv"])
def test_facts_are_streamed_uncompressed(client, done, accept):
    answer = client.get("/api/v1/facts/", headers={"Accept": accept} | GZIP | bearer("", "tickets:read"))
    assert answer.streaming
    assert "Content-Encoding" not in answer


def test_refusals_images_and_clients_without_gzip_are_not_compressed(helpdesk, user, done):
    closed = make_ticket("closed")
    answers = [
        user.get(f"/tickets/{closed.pk}/", **GZIP),
        user.get("/tickets/999999/", **GZIP),
        helpdesk.get(f"/api/v1/analyses/{done.pk}/chart.png", **GZIP),
        helpdesk.get("/desk/"),
        *(
            helpdesk.get("/desk/", **{"Accept-Encoding": refused})
            for refused in ("br, gzip;q=0", "gzip; q=0.0, br")
        ),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 200, 200, 200, 200]
    assert not any("Content-Encoding" in answer for answer in answers)
    assert answers[0].content == answers[1].content
