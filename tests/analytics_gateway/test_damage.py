"""Rows that are no longer what was stored: a message, never an error, and no foreign byte is served."""

import json

import pgtrigger
import pytest
from django.db import connection

from analytics_gateway.actions import request_analysis
from analytics_gateway.models import Analysis, Pin
from analytics_gateway.models.analysis import DAMAGED
from tests.support.analyses import HELPDESK, make_done, make_result

DAMAGES = [
    "",
    "{",
    "null",
    "[]",
    '"done"',
    "[" * 100_000,
    json.dumps(make_result(rows=[["2026-02", 1, 2]])),
    json.dumps(make_result()).replace("1.25", "1.26"),
    json.dumps(make_result(lineage=None)),
    json.dumps(make_result(title="")),
]


def damage(table: str, column: str, value: object) -> None:
    """Past all triggers, as a failing disk would."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s", [value])


@pytest.mark.django_db
@pytest.mark.parametrize("text", DAMAGES)
def test_damaged_result_reads_as_failed_everywhere(helpdesk, text):
    analysis = make_done()
    Pin.objects.create(service=analysis.service, params=analysis.params)
    damage("analytics_gateway_analysis", "result", text)
    shown = helpdesk.api("GET", f"analyses/{analysis.pk}/").json()
    assert (shown["state"], shown["reason"], shown["result"]) == ("failed", DAMAGED, None)
    assert shown["charts"] == {"svg": None, "png": None}
    (listed,) = helpdesk.api("GET", "analyses/").json()["results"]
    assert listed == shown
    page = helpdesk.get(f"/desk/analytics/{analysis.pk}/")
    assert (page.status_code, DAMAGED in page.content.decode()) == (200, True)
    for path in ("/desk/analytics/", "/desk/pinned/", "/desk/", "/desk/reports/"):
        assert helpdesk.get(path).status_code == 200
    for name in ("chart.svg", "chart.png", "table.csv"):
        assert helpdesk.api("GET", f"analyses/{analysis.pk}/{name}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("service", ["unresolved", "active-by-category"])
def test_damaged_result_is_computed_again_and_not_reused(service):
    analysis = make_done(service=service)
    damage("analytics_gateway_analysis", "result", "{")
    assert request_analysis(service, analysis.params, by=HELPDESK).pk != analysis.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("svg", ""),
        ("svg", "<html><script>alert(1)</script></html>"),
        ("svg", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("svg", '<svg xmlns="http://www.w3.org/2000/svg">'),
        ("png", b""),
        ("png", b"<html><script>alert(1)</script></html>"),
        ("png", b"\x89PNG\r\n\x1a\n" + b"x" * 50),
    ],
)
def test_damaged_chart_is_not_served(helpdesk, name, value):
    analysis = make_done()
    paths = helpdesk.api("GET", f"analyses/{analysis.pk}/").json()["charts"]
    assert helpdesk.get(paths[name]).status_code == 200
    damage("analytics_gateway_analysischart", name, value)
    answer = helpdesk.get(paths[name])
    assert answer.status_code == 404
    assert b"script" not in answer.content
    assert helpdesk.get(f"/desk/analytics/{analysis.pk}/").status_code == 200


@pytest.mark.django_db
def test_result_without_charts_is_shown_without_them(helpdesk):
    analysis = make_done()
    Analysis.objects.get().chart.delete()
    assert helpdesk.get(f"/desk/analytics/{analysis.pk}/").status_code == 200
    for name in ("svg", "png"):
        path = helpdesk.api("GET", f"analyses/{analysis.pk}/").json()["charts"][name]
        assert helpdesk.get(path).status_code == 404
