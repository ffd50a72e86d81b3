"""The task's own steps in this process, against a real socket; for the real worker see test_worker.py."""

import importlib
import sys
import time

import celery
import pyarrow as pa
import pytest
from celery.exceptions import SoftTimeLimitExceeded

from analytics_workers import frames, helpdesk_api
from analytics_workers.helpdesk_api import ARROW
from common.analysis_messages import AnalysisResult
from tests.support.api_server import KEY, make_stream

ID = "6b6d1a4e-0f65-4c1c-9d4a-2f1f4f0f5a11"


@pytest.fixture
def tasks(api, monkeypatch, tmp_path):
    """analytics_workers.tasks, imported with this test's environment and forgotten afterwards."""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    monkeypatch.setenv("SERVICE_KEY", KEY)
    monkeypatch.setenv("HELPDESK_API_URL", api.url)
    monkeypatch.setenv("FACTS_FOLDER", str(tmp_path))
    monkeypatch.setattr(helpdesk_api, "RETRY_PAUSE_SECONDS", 0.01)
    for name in ("analytics_workers.app", "analytics_workers.tasks"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    app_of_this_process = celery.current_app._get_current_object()
    yield importlib.import_module("analytics_workers.tasks")
    app_of_this_process.set_current()  # the workers' app had taken its place


def failure_of(api) -> dict:
    (failure,) = api.bodies("failure")
    assert failure["attempt"] == 1
    assert api.bodies("result") == []
    assert "Traceback" not in failure["reason"]
    assert "\n" not in failure["reason"]
    return failure


@pytest.mark.parametrize(
    ("service", "params", "value"),
    [("unresolved", {"period": "7d"}, 2), ("resolution-time", {}, 36.0), ("active-by-category", {}, 1)],
)
def test_task_sends_the_result_of_every_service(api, tasks, service, params, value):
    api.service, api.params = service, params
    tasks.run_analysis(ID, 1)
    (sent,) = api.bodies("result")
    result = AnalysisResult.from_json(sent["result"])
    assert result.headline.value == value
    assert result.lineage.rows_read == 4
    assert sent["png"].startswith(b"\x89PNG")
    assert b"<svg" in sent["svg"][:500]
    assert [body["phase"] for body in api.bodies("progress")] == ["fetching", "computing", "drawing"]


@pytest.mark.parametrize("status", [409, 404, 401, 503])
def test_task_that_may_not_start_is_dropped(api, tasks, status):
    api.fault["start"] = lambda: (status, {}, b"")
    tasks.run_analysis(ID, 1)
    assert {name for name, _ in api.calls} == {"start"}


@pytest.mark.parametrize("verb", ["progress", "facts", "result"])
def test_task_that_lost_its_attempt_stops_without_a_report(api, tasks, verb):
    api.fault[verb] = lambda: (409, {}, b"")
    tasks.run_analysis(ID, 1)
    assert api.bodies("failure") == []


@pytest.mark.parametrize(
    ("answer", "retry"),
    [
        ((500, {}, b"<html>trace</html>"), True),
        ((503, {}, b""), True),
        ((401, {}, b""), False),
        ((302, {"Location": "http://127.0.0.1:9/"}, b""), False),
        ((200, {"Content-Type": "text/html"}, b"<html>"), False),
        ((200, {"Content-Type": ARROW, "X-As-Of": "2026-03-15T12:00:00Z"}, b"garbage"), True),
        ((200, {"Content-Type": ARROW, "X-As-Of": "2026-03-15T12:00:00Z"}, make_stream([])[:-8]), True),
        ((200, {"Content-Type": ARROW, "Content-Length": "9999"}, b"short"), True),
        ((200, {"Content-Type": ARROW}, make_stream([])), True),
    ],
)
def test_unreadable_facts_are_reported_with_a_reason(api, tasks, answer, retry):
    api.fault["facts"] = lambda: answer
    tasks.run_analysis(ID, 1)
    failure = failure_of(api)
    assert failure["retry"] is retry
    assert failure["reason"].startswith("The ")


@pytest.mark.parametrize(
    ("service", "params", "zone"),
    [
        ("no-such", {}, "UTC"),
        ("unresolved", {"period": "0h"}, "UTC"),
        ("unresolved", {"period": "7d", "colour": "red"}, "UTC"),
        ("unresolved", {"period": "7d"}, "Mars/Olympus"),
        ("unresolved", {"period": "7d"}, "../etc/passwd"),
    ],
)
def test_permanent_failure_is_not_retried(api, tasks, service, params, zone):
    api.service, api.params, api.time_zone = service, params, zone
    tasks.run_analysis(ID, 1)
    failure = failure_of(api)
    assert failure["retry"] is False
    assert failure["reason"].startswith("The analysis could not be computed: ")


@pytest.mark.parametrize(
    ("error", "retry", "reason"),
    [
        (ValueError("negative\n  times"), False, "The analysis could not be computed: negative times"),
        (KeyError("secret"), False, "An unexpected error occurred (KeyError)."),
        (MemoryError(), False, "The analysis ran out of memory."),
        (pa.ArrowMemoryError(), False, "The analysis ran out of memory."),
        (SoftTimeLimitExceeded(), False, "The analysis exceeded the time limit."),
    ],
)
def test_failed_measure_is_reported_with_a_reason(api, tasks, monkeypatch, error, retry, reason):
    def break_down(*args):
        raise error

    monkeypatch.setattr(tasks.pipeline, "measure", break_down)
    tasks.run_analysis(ID, 1)
    assert failure_of(api) == {"attempt": 1, "reason": reason, "retry": retry}


def test_slow_failure_is_not_retried(api, tasks, monkeypatch):
    monkeypatch.setattr(tasks, "QUICK_SECONDS", 0)
    api.fault["facts"] = lambda: (503, {}, b"")
    tasks.run_analysis(ID, 1)
    assert failure_of(api)["retry"] is False


def test_unreadable_request_is_reported(api, tasks):
    api.fault["start"] = lambda: (200, {"Content-Type": "application/json"}, b'{"id": "a", "colour": 1}')
    tasks.run_analysis(ID, 1)
    failure = failure_of(api)
    assert failure["retry"] is False
    assert failure["reason"].startswith("The request cannot be read by this worker: request.")


def test_memory_error_while_reading_facts_is_not_reported_as_damage(api, tasks, monkeypatch):
    def break_down(*args):
        raise pa.ArrowMemoryError

    monkeypatch.setattr(frames, "decode_columns", break_down)
    tasks.run_analysis(ID, 1)
    assert failure_of(api)["reason"] == "The analysis ran out of memory."


def test_result_that_is_too_large_fails_with_a_reason(api, tasks, monkeypatch):
    monkeypatch.setattr(helpdesk_api, "MAX_UPLOAD", 1000)
    tasks.run_analysis(ID, 1)
    reason = "The result is larger than the helpdesk accepts."
    assert failure_of(api) == {"attempt": 1, "reason": reason, "retry": False}


def test_refused_result_fails_with_a_reason(api, tasks):
    api.fault["result"] = lambda: (413, {}, b"")
    tasks.run_analysis(ID, 1)
    reason = "The helpdesk's API refused the request (status 413)."
    assert api.bodies("failure") == [{"attempt": 1, "reason": reason, "retry": False}]


def test_result_received_by_a_proxy_fails_with_a_reason(api, tasks):
    api.fault["result"] = lambda: (200, {"Content-Type": "text/html"}, b"<html>Sign on, please</html>")
    tasks.run_analysis(ID, 1)
    (failure,) = api.bodies("failure")
    assert failure["reason"] == "Something other than the helpdesk's API answered (status 200, text/html)."
    assert failure["retry"] is False


def test_task_survives_a_failure_that_cannot_be_reported(api, tasks):
    api.fault |= {"facts": lambda: (500, {}, b""), "failure": lambda: (500, {}, b"")}
    tasks.run_analysis(ID, 1)
    assert len(api.bodies("failure")) == 3


def test_lease_ends_with_its_task(api, tasks):
    tasks.run_analysis(ID, 1)
    calls = len(api.calls)
    time.sleep(0.1)
    assert len(api.calls) == calls
