import logging
import time
from pathlib import Path

import httpx
import pytest

from analytics_workers import helpdesk_api
from analytics_workers.helpdesk_api import (
    AttemptLost,
    HelpdeskApi,
    HelpdeskApiError,
    StartUnreadable,
    Unavailable,
    Unexpected,
)
from analytics_workers.settings import Settings
from common.analysis_messages import AnalysisRequest, parts_sha256
from common.json_logging import log_for_request
from common.service_keys import key_id
from tests.support.api_server import KEY, send_json
from tests.support.results import make_result


def read_all(headers, stream):
    return headers, stream.read()


ID = "6b6d1a4e-0f65-4c1c-9d4a-2f1f4f0f5a11"


def test_start_returns_the_request(api, client):
    request = client.start(ID, 2)
    assert request == AnalysisRequest(ID, "unresolved", {"period": "7d"}, "Europe/Berlin", 2)
    assert api.bodies("start") == [{"attempt": 2}]


def test_every_call_has_a_short_lived_token_of_its_scope(api, client):
    client.start(ID, 1)
    client.report_progress(ID, 1, "fetching")
    client.fetch_facts({}, read_all)
    client.send_result(ID, 1, make_result(), b"<svg/>", b"png")
    client.report_failure(ID, 1, "No.", retry=False)
    for claims in api.claims:
        assert claims["iss"] == "analytics-worker"
        assert claims["role"] == "helpdesk"
        assert claims["kid"] == key_id(KEY)
        assert claims["exp"] - claims["iat"] == 60
        is_read = claims["verb"] == "facts"
        assert claims["scope"] == ("tickets:read" if is_read else "analysis:write")
        assert claims.get("analysis") == (None if is_read else ID)


def test_every_call_has_the_id_of_the_original_request(api, tmp_path):
    settings = Settings("redis://127.0.0.1:9/0", KEY, api.url, tmp_path)
    with log_for_request("the-click"), HelpdeskApi(settings) as client:
        client.start(ID, 1)
        client.fetch_facts({}, read_all)
        client.report_failure(ID, 1, "No.", retry=False)
    assert [claims["request_id"] for claims in api.claims] == ["the-click"] * 3


def test_facts_arrive_unchanged(api, client):
    headers, content = client.fetch_facts({"fields": "id,status"}, read_all)
    assert content == api.stream
    assert headers["X-As-Of"] == "2026-03-15T12:00:00.25Z"
    (request,) = api.bodies("facts")
    assert request["accept"] == helpdesk_api.ARROW
    assert request["query"] == "fields=id%2Cstatus"


def test_result_is_sent_in_parts(api, client):
    client.send_result(ID, 3, make_result(), b"<svg/>", b"\x89PNG")
    parts = {"result": make_result().to_json().encode(), "svg": b"<svg/>", "png": b"\x89PNG"}
    sha256 = parts_sha256(*parts.values()).encode()
    assert api.bodies("result") == [{"attempt": b"3", "sha256": sha256, **parts}]


def test_result_that_is_too_large_is_not_sent(api, client):
    with pytest.raises(Unexpected):
        client.send_result(ID, 1, make_result(), b"<svg/>", b"x" * helpdesk_api.MAX_UPLOAD)
    assert api.calls == []


def test_failure_reason_is_shortened(api, client):
    client.report_failure(ID, 1, "x" * 5000, retry=True)
    assert api.bodies("failure") == [{"attempt": 1, "reason": "x" * 300, "retry": True}]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (409, AttemptLost),
        (400, Unexpected),
        (401, Unexpected),
        (403, Unexpected),
        (404, Unexpected),
        (201, Unexpected),
    ]
    + [(302, Unexpected), (413, Unexpected), (429, Unavailable), (500, Unavailable), (503, Unavailable)],
)
def test_every_other_status_becomes_an_api_error(api, client, status, error, monkeypatch):
    monkeypatch.setattr(helpdesk_api, "RETRY_PAUSE_SECONDS", 0.01)
    api.fault["start"] = lambda: (status, {"Location": "http://127.0.0.1:9/"}, b"<html>secret trace</html>")
    with pytest.raises(error) as raised:
        client.start(ID, 1)
    assert "secret" not in str(raised.value)
    assert len(api.bodies("start")) == (3 if error is Unavailable else 1)


HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.mark.parametrize("verb", ["progress", "result", "failure"])
def test_page_of_a_proxy_does_not_count_as_a_receipt(api, client, verb):
    api.fault[verb] = lambda: (200, HTML, b"<html>Sign on, please</html>")
    reports = {
        "progress": lambda: client.report_progress(ID, 1, "drawing"),
        "result": lambda: client.send_result(ID, 1, make_result(), b"<svg/>", b"png"),
        "failure": lambda: client.report_failure(ID, 1, "It failed.", retry=False),
    }
    with pytest.raises(Unexpected, match=r"other than the helpdesk's API answered \(status 200, text/html\)"):
        reports[verb]()


def test_unavailable_api_is_tried_again(api, client):
    answers = [(503, {}, b""), (500, {}, b"")]
    api.fault["failure"] = lambda: answers.pop() if answers else (204, {}, b"")
    client.report_failure(ID, 1, "No.", retry=True)
    assert len(api.bodies("failure")) == 3


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"id": 5}', b"\xff", b'{"id":"a","service":"b","params":[],"x":1}'],
)
def test_malformed_start_response_is_unexpected(api, client, body):
    api.fault["start"] = lambda: (200, {"Content-Type": "application/json"}, body)
    with pytest.raises(StartUnreadable, match="cannot be read"):
        client.start(ID, 1)


def test_facts_of_another_content_type_are_unexpected(api, client):
    api.fault["facts"] = lambda: send_json(200, [])
    with pytest.raises(Unexpected, match="Arrow"):
        client.fetch_facts({}, read_all)


def test_facts_beyond_the_limit_are_unexpected(api, client, monkeypatch):
    monkeypatch.setattr(helpdesk_api, "MAX_FACTS", len(api.stream) - 1)
    with pytest.raises(Unexpected, match="too large"):
        client.fetch_facts({}, read_all)


def test_broken_connection_is_unavailable(api, client, monkeypatch):
    monkeypatch.setattr(helpdesk_api, "RETRY_PAUSE_SECONDS", 0.01)
    head = {"Content-Type": helpdesk_api.ARROW, "Content-Length": str(len(api.stream))}
    api.fault["facts"] = lambda: (200, head, api.stream[:100])
    with pytest.raises(Unavailable):
        client.fetch_facts({}, read_all)


def make_client(api_url: str, **options) -> HelpdeskApi:
    settings = Settings(
        "redis://127.0.0.1/0", service_key=KEY, api_url=api_url, facts_folder=Path("/nowhere")
    )
    return HelpdeskApi(settings, **options)


def test_slow_api_is_unavailable_within_the_timeout(api):
    api.fault["start"] = lambda: (time.sleep(2), send_json(200, {}))[1]
    began = time.monotonic()
    with (
        make_client(api.url, timeout=httpx.Timeout(0.3), tries=1) as client,
        pytest.raises(Unavailable, match="time"),
    ):
        client.start(ID, 1)
    assert time.monotonic() - began < 1.5


def test_unreachable_api_is_unavailable():
    with make_client("http://127.0.0.1:9/api/v1/", tries=1) as client, pytest.raises(Unavailable) as raised:
        client.start(ID, 1)
    assert isinstance(raised.value, HelpdeskApiError)


def test_proxies_of_the_environment_are_ignored(api, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    with make_client(api.url) as client:
        assert client.start(ID, 1).id == ID


def test_errors_and_logs_contain_neither_key_nor_token(api, client, caplog, monkeypatch):
    monkeypatch.setattr(helpdesk_api, "RETRY_PAUSE_SECONDS", 0.01)
    caplog.set_level(logging.INFO)
    for status in (400, 401, 409, 503):
        api.fault["start"] = lambda status=status: (status, {}, b"")
        with pytest.raises(HelpdeskApiError) as raised:
            client.start(ID, 1)
        assert "eyJ" not in str(raised.value)
    assert KEY not in caplog.text
    assert "eyJ" not in caplog.text
