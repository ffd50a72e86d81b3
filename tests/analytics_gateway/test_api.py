import json
import uuid
from base64 import b64encode
from datetime import datetime
from urllib.parse import urlencode

import pytest

from analytics_gateway.attempts import record_progress
from analytics_gateway.models import Analysis
from analytics_gateway.queue_limits import MAX_WAITING
from tests.support.analyses import PNG, SVG, make_analysis, make_done, make_result, make_running

pytestmark = pytest.mark.django_db
FIELDS = {
    "id",
    "service",
    "params",
    "state",
    "phase",
    "percent",
    "waiting_before",
    "attempts",
    "reason",
    "requested_at",
    "started_at",
    "finished_at",
    "result",
    "charts",
    "csv",
}


def paths_of(analysis: Analysis) -> list[tuple[str, str]]:
    one = f"analyses/{analysis.pk}/"
    files = [("GET", one + name) for name in ("chart.svg", "chart.png", "table.csv")]
    return [
        ("GET", "analyses/"),
        ("POST", "analyses/"),
        ("GET", "analyses/services/"),
        ("GET", one),
        ("POST", one + "cancel/"),
        *files,
    ]


def test_request_is_accepted_with_its_location(helpdesk, valkey):
    answer = helpdesk.api("POST", "analyses/", {"service": "unresolved", "period": "24h"})
    assert answer.status_code == 202
    body = answer.json()
    assert set(body) == FIELDS
    assert answer["Location"] == f"/api/v1/analyses/{body['id']}/"
    assert (body["service"], body["params"], body["state"]) == ("unresolved", {"period": "24h"}, "queued")
    assert (body["result"], body["charts"], body["csv"]) == (None, {"svg": None, "png": None}, None)
    stored = Analysis.objects.get()
    assert stored.asked_by_name == "Hedda"
    assert body["requested_at"].endswith("Z")
    assert datetime.fromisoformat(body["requested_at"]) == stored.requested_at


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "service"),
        ({"service": None}, "service"),
        ({"service": {"a": 1}}, "service"),
        ({"service": "no-such"}, "service"),
        ({"service": "unresolved"}, "period"),
        ({"service": "unresolved", "period": 24}, "period"),
        ({"service": "unresolved", "period": "\x00"}, "period"),
        ({"service": "unresolved", "period": "9" * 10_000 + "d"}, "period"),
        ({"service": "resolution-time", "from": "2026-04", "until": "2026-03"}, "from"),
        ({"service": "active-by-category", "\ud800": 1}, None),
    ],
)
def test_bad_request_names_the_field(helpdesk, body, named):
    answer = helpdesk.api("POST", "analyses/", json.dumps(body))
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert named is None or named in answer.json()["errors"]
    assert not Analysis.objects.exists()


def test_full_queue_names_when_to_retry(helpdesk):
    rows = [Analysis(service="unresolved", asked_by_role="helpdesk") for _ in range(MAX_WAITING)]
    Analysis.objects.bulk_create(rows)
    answer = helpdesk.api("POST", "analyses/", {"service": "active-by-category"})
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_users_and_anonymous_clients_see_no_analyses(user, nobody):
    for method, path in paths_of(make_done()):
        assert user.api(method, path, {}).status_code == 403, path
        refused = getattr(nobody, method.lower())(f"/api/v1/{path}", content_type="application/json")
        assert refused.status_code == 401, path


def test_refusals_for_users_do_not_reveal_whether_it_exists(user):
    known, unknown = make_done().pk, uuid.uuid4()
    answers = [user.api("GET", f"analyses/{pk}/") for pk in (known, unknown)]
    assert answers[0].content == answers[1].content


def test_unknown_analysis_is_missing(helpdesk):
    for method, path in paths_of(Analysis(pk=uuid.uuid4()))[3:]:
        assert helpdesk.api(method, path).status_code == 404, path
    assert helpdesk.api("GET", "analyses/7/").status_code == 404


def test_files_are_missing_until_it_is_done(helpdesk):
    for _, path in paths_of(make_running())[5:]:
        assert helpdesk.api("GET", path).status_code == 404


def test_done_analysis_shows_its_result_and_paths(helpdesk):
    done = make_done()
    body = helpdesk.api("GET", f"analyses/{done.pk}/").json()
    one = f"/api/v1/analyses/{done.pk}/"
    assert body["result"] == make_result()
    assert body["charts"] == {"svg": one + "chart.svg", "png": one + "chart.png"}
    assert body["csv"] == one + "table.csv"
    assert body["state"] == "done"


def test_files_are_served_as_harmless_downloads(helpdesk):
    done = make_done()
    one = f"/api/v1/analyses/{done.pk}/"
    svg, png, csv = (
        helpdesk.get(one + name, Accept="image/*") for name in ("chart.svg", "chart.png", "table.csv")
    )
    assert (svg["Content-Type"], svg.content) == ("image/svg+xml", SVG)
    assert svg["Content-Security-Policy"] == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    assert (png["Content-Type"], png.content) == ("image/png", PNG)
    assert csv["Content-Type"] == "text/csv; charset=utf-8"
    assert csv.content.decode().splitlines()[0] == "\ufeffMonth,Mean (hours)"
    for answer in (svg, png, csv):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith('attachment; filename="unresolved-20')
        assert answer["Cache-Control"] == "no-store"


def test_waiting_analyses_have_their_position_in_the_queue(helpdesk, valkey):
    running, first, other = make_running(), make_analysis(), make_analysis(service="active-by-category")
    created = helpdesk.api("POST", "analyses/", {"service": "unresolved", "period": "30d"}).json()
    assert created["waiting_before"] == 1
    page = helpdesk.api("GET", "analyses/").json()["results"]
    places = {row["id"]: row["waiting_before"] for row in page}
    assert places == {str(running.pk): None, str(first.pk): 0, str(other.pk): 0, created["id"]: 1}
    cancelled = helpdesk.api("POST", f"analyses/{first.pk}/cancel/").json()
    assert cancelled["waiting_before"] is None
    assert helpdesk.api("GET", f"analyses/{created['id']}/").json()["waiting_before"] == 0


def test_running_analysis_has_its_progress(helpdesk):
    analysis = make_running()
    assert helpdesk.api("GET", f"analyses/{analysis.pk}/").json()["percent"] is None
    record_progress(analysis.pk, 1, "fetching", 40)
    assert helpdesk.api("GET", f"analyses/{analysis.pk}/").json()["percent"] == 40


def test_cancel_ends_it_once(helpdesk):
    path = f"analyses/{make_analysis().pk}/cancel/"
    assert helpdesk.api("POST", path).json()["state"] == "cancelled"
    assert helpdesk.api("POST", path).status_code == 409


def test_cancel_needs_a_csrf_token(helpdesk):
    path = f"/api/v1/analyses/{make_analysis().pk}/cancel/"
    assert helpdesk.client.post(path).status_code == 403
    assert Analysis.objects.get().state == "queued"


def test_each_service_has_a_schema(helpdesk):
    page = helpdesk.api("GET", "analyses/services/").json()
    services = {service["name"]: service for service in page["results"]}
    assert services["unresolved"]["parameters"]["required"] == ["period"]
    assert services["active-by-category"]["parameters"]["properties"] == {}
    assert page["next"] is None


def test_service_list_takes_no_parameters(helpdesk, db):
    answer = helpdesk.api("GET", "analyses/services/?nonsense=1")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["nonsense"])


@pytest.mark.parametrize("count", [1, 30])
def test_list_has_equal_queries_for_one_and_thirty_rows(helpdesk, count, django_assert_num_queries):
    for _ in range(count):
        make_done()
    with django_assert_num_queries(2):
        page = helpdesk.api("GET", "analyses/?page_size=100").json()
    assert len(page["results"]) == count


def walk(helpdesk, path: str | None) -> list[str]:
    """The ids of all pages from this one on, each of them once."""
    seen: list[str] = []
    while path:
        page = helpdesk.api("GET", path).json()
        seen += [row["id"] for row in page["results"]]
        assert len(seen) == len(set(seen))
        path = page["next"] and page["next"].split("/api/v1/")[1]
    return seen


def encode(cursor: str) -> str:
    return b64encode(cursor.encode()).decode()


def test_pages_cover_the_list_newest_first(helpdesk):
    made = [str(make_analysis().pk) for _ in range(7)]
    assert walk(helpdesk, "analyses/?page_size=3") == made[::-1]


def test_pages_cover_a_list_with_many_equal_timestamps(helpdesk):
    moment = make_analysis().requested_at
    rows = [
        Analysis(service="unresolved", asked_by_role="helpdesk", requested_at=moment) for _ in range(1149)
    ]
    Analysis.objects.bulk_create(rows)
    assert len(walk(helpdesk, "analyses/?page_size=100")) == 1150


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("page_size", "0"),
        ("page_size", "101"),
        ("page_size", "x"),
        ("page_size", ""),
        ("colour", "red"),
        ("cursor", "garbage"),
        ("cursor", "ü"),
        ("cursor", encode("o=-1")),
        ("cursor", encode(f"o={10**30}")),
        ("cursor", encode(f"o={'9' * 5000}")),
        ("cursor", encode("r=x")),
        ("cursor", encode("p=garbage")),
        ("cursor", encode("p=0001-01-01 00:00:00+14:00")),
        ("cursor", encode("p=\0\0\0")),
    ],
)
def test_odd_parameter_is_refused_by_name(helpdesk, parameter, value):
    make_analysis()
    answer = helpdesk.api("GET", f"analyses/?{urlencode({parameter: value})}")
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {parameter}
