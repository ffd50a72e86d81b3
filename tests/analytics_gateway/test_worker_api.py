import json
import time
import uuid

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from analytics_gateway.models import Analysis
from common.analysis_messages import MAX_ROWS
from tests.support.analyses import PNG, SVG, make_analysis, make_result, make_running, result_text
from tests.support.clients import bearer

pytestmark = pytest.mark.django_db
VERBS = ["start", "progress", "result", "failure"]


def report(pk, verb: str, body: dict, headers: dict | None = None):
    path = f"/api/v1/analyses/{pk}/{verb}/"
    headers = bearer(pk) if headers is None else headers
    return Client(enforce_csrf_checks=True).post(path, body, content_type="application/json", headers=headers)


def json_file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("result.json", text.encode(), "application/json")


def send(pk, attempt=1, **parts):
    fields = {
        "attempt": attempt,
        "result": json_file(result_text()),
        "svg": SimpleUploadedFile("chart.svg", SVG, "image/svg+xml"),
        "png": SimpleUploadedFile("chart.png", PNG, "image/png"),
    } | parts
    form = {name: value for name, value in fields.items() if value is not None}
    return Client(enforce_csrf_checks=True).post(f"/api/v1/analyses/{pk}/result/", form, headers=bearer(pk))


def test_analysis_from_start_to_result():
    analysis = make_analysis()
    started = report(analysis.pk, "start", {"attempt": 1})
    assert started.json() == {
        "id": str(analysis.pk),
        "service": "unresolved",
        "params": {"period": "7d"},
        "time_zone": settings.CAMPUS_TIME_ZONE,
        "attempt": 1,
    }
    for phase in ("fetching", "computing", "drawing"):
        assert report(analysis.pk, "progress", {"attempt": 1, "phase": phase}).status_code == 204
    assert send(analysis.pk).status_code == 204
    after = Analysis.objects.get()
    assert (after.state, after.result) == ("done", make_result())


def test_analysis_uses_the_time_zone_of_its_request(settings):
    zone, analysis = settings.CAMPUS_TIME_ZONE, make_analysis()
    settings.CAMPUS_TIME_ZONE = "Pacific/Auckland"
    assert report(analysis.pk, "start", {"attempt": 1}).json()["time_zone"] == zone


def test_analysis_of_an_earlier_release_uses_the_time_zone_of_its_start():
    analysis = make_analysis(time_zone="")
    time_zone = report(analysis.pk, "start", {"attempt": 1}).json()["time_zone"]
    assert time_zone == settings.CAMPUS_TIME_ZONE == Analysis.objects.get().time_zone


def test_result_in_another_time_zone_is_refused():
    analysis = make_running()
    lineage = make_result()["lineage"] | {"time_zone": "Asia/Tokyo"}
    answer = send(analysis.pk, result=json_file(result_text(lineage=lineage)))
    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        {"result": [f"Its time zone must be {settings.CAMPUS_TIME_ZONE}."]},
    )
    assert Analysis.objects.get().state == "failed"


def test_result_of_an_attempt_of_an_earlier_release_keeps_its_time_zone():
    analysis = make_running()
    Analysis.objects.update(time_zone="")
    lineage = make_result()["lineage"] | {"time_zone": "Asia/Tokyo"}
    assert send(analysis.pk, result=json_file(result_text(lineage=lineage))).status_code == 204
    after = Analysis.objects.get()
    assert (after.state, after.time_zone) == ("done", "Asia/Tokyo")


def test_percent_of_the_tickets_read_is_stored():
    analysis = make_running()
    body = {"attempt": 1, "phase": "fetching", "percent": 40}
    assert report(analysis.pk, "progress", body).status_code == 204
    assert Analysis.objects.get().percent == 40


def test_result_of_maximum_size_is_stored():
    analysis = make_running()
    text = result_text(rows=[[f"{number} {'a' * 60}", number / 7] for number in range(MAX_ROWS)])
    assert len(text) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert send(analysis.pk, result=json_file(text)).status_code == 204
    after = Analysis.objects.get()
    assert (after.state, after.result) == ("done", json.loads(text))


def test_failure_is_recorded():
    analysis = make_running()
    body = {"attempt": 1, "reason": "The API did not answer.", "retry": True}
    assert report(analysis.pk, "failure", body).status_code == 204
    assert Analysis.objects.get().state == "queued"
    report(analysis.pk, "start", {"attempt": 2})
    report(analysis.pk, "failure", {"attempt": 2, "reason": "It cannot be computed."})
    assert Analysis.objects.get().state == "failed"


def test_report_of_another_attempt_is_refused():
    analysis = make_running(attempt=2)
    assert report(analysis.pk, "start", {"attempt": 2}).status_code == 409
    assert report(analysis.pk, "progress", {"attempt": 1, "phase": "drawing"}).status_code == 409
    assert report(analysis.pk, "failure", {"attempt": 1, "reason": "No."}).status_code == 409
    assert send(analysis.pk, attempt=1).status_code == 409
    assert Analysis.objects.get().state == "running"


@pytest.mark.parametrize("verb", VERBS)
def test_token_is_for_one_analysis_only(verb):
    analysis, other = make_analysis(), make_analysis()
    assert report(analysis.pk, verb, {"attempt": 1}, bearer(other.pk)).status_code == 403
    assert report(analysis.pk, verb, {"attempt": 1}, bearer(analysis.pk, "tickets:read")).status_code == 403
    assert report(analysis.pk, verb, {"attempt": 1}, bearer("")).status_code == 403
    assert set(Analysis.objects.values_list("state", flat=True)) == {"queued"}


@pytest.mark.parametrize("verb", VERBS)
def test_only_services_may_report(verb, helpdesk, nobody):
    analysis = make_analysis()
    path = f"analyses/{analysis.pk}/{verb}/"
    assert helpdesk.api("POST", path, {"attempt": 1}).status_code == 403
    assert nobody.post(f"/api/v1/{path}", {"attempt": 1}).status_code == 401
    expired = bearer(analysis.pk, iat=int(time.time()) - 200, exp=int(time.time()) - 140)
    assert report(analysis.pk, verb, {"attempt": 1}, expired).status_code == 401


def test_service_token_is_refused_by_the_helpdesk_api():
    analysis = make_analysis()
    for path in ("", f"{analysis.pk}/", "services/"):
        answer = Client().get(f"/api/v1/analyses/{path}", headers=bearer(analysis.pk))
        assert answer.status_code == 403


def test_unknown_analysis_is_missing():
    for verb in VERBS:
        assert report(uuid.uuid4(), verb, {"attempt": 1}).status_code == 404


@pytest.mark.parametrize(
    ("verb", "body", "named"),
    [
        ("start", {}, "attempt"),
        ("start", {"attempt": 0}, "attempt"),
        ("start", {"attempt": 4}, "attempt"),
        ("start", {"attempt": "x"}, "attempt"),
        ("progress", {"attempt": 1, "phase": "resting"}, "phase"),
        ("progress", {"attempt": 1, "phase": "fetching", "percent": -1}, "percent"),
        ("progress", {"attempt": 1, "phase": "fetching", "percent": 101}, "percent"),
        ("progress", {"attempt": 1, "phase": "fetching", "percent": 40.5}, "percent"),
        ("progress", {"attempt": 1, "phase": "fetching", "percent": "half"}, "percent"),
        ("failure", {"attempt": 1}, "reason"),
        ("failure", {"attempt": 1, "reason": "a\x00b"}, "reason"),
        ("failure", {"attempt": 1, "reason": "x", "retry": "perhaps"}, "retry"),
    ],
)
def test_bad_report_names_its_field(verb, body, named):
    answer = report(make_running().pk, verb, body)
    assert answer.status_code == 400
    assert named in answer.json()["errors"]
    assert Analysis.objects.get().state == "running"


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"result": json_file("{}")}, "result"),
        ({"result": json_file("")}, "result"),
        ({"result": json_file("\x00")}, "result"),
        ({"result": SimpleUploadedFile("a", b"\xff\xfe{")}, "result"),
        ({"result": result_text()}, "result"),
        ({"result": None}, "result"),
        ({"result": json_file(result_text().replace("1.25", "1.5"))}, "result"),
        ({"result": json_file(result_text(rows=[["2026-03", 1.5]] * (MAX_ROWS + 1)))}, "result"),
        ({"svg": SimpleUploadedFile("a", SVG.replace(b"<use", b"<script/><use"))}, "svg"),
        ({"svg": None}, "svg"),
        ({"png": SimpleUploadedFile("a", SVG)}, "png"),
        ({"png": SimpleUploadedFile("a", b"")}, "png"),
        ({"png": "text"}, "png"),
        ({"png": SimpleUploadedFile("a", PNG[:8] + b"\x00" * 5 * 1024 * 1024 + PNG[-12:])}, "png"),
    ],
)
def test_damaged_result_fails_the_analysis_with_a_reason(part, named, helpdesk):
    analysis = make_running()
    answer = send(analysis.pk, **part)
    assert answer.status_code == 400
    assert named in answer.json()["errors"]
    after = Analysis.objects.get()
    assert after.state == "failed"
    assert after.reason.startswith(f"The service sent an unreadable result. {named}: ")
    assert helpdesk.api("GET", f"analyses/{analysis.pk}/").status_code == 200


def test_upload_that_is_too_large_is_refused_unread():
    analysis = make_running()
    huge = SimpleUploadedFile("a", b"x" * 9 * 1024 * 1024)
    assert send(analysis.pk, svg=huge).status_code == 413


def test_garbled_upload_is_refused():
    analysis = make_running()
    path = f"/api/v1/analyses/{analysis.pk}/result/"
    kind = "multipart/form-data; boundary=x"
    answer = Client().post(path, b"--y\r\ngarbage", content_type=kind, headers=bearer(analysis.pk))
    assert answer.status_code == 400
    assert (
        Client().post(path, b"{}", content_type="application/json", headers=bearer(analysis.pk)).status_code
        == 415
    )
