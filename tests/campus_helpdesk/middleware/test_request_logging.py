"""What a request leaves behind: an id in its response, one log line, one count."""

import json
import logging

import pytest
from django.db import OperationalError
from prometheus_client import REGISTRY

from campus_helpdesk.entrance.sessions import SessionStore
from common.json_logging import JsonLineFormatter
from django_common.request_metrics import REGISTRY as REQUEST_REGISTRY
from tests.support.factories import make_ticket
from tickets.querysets import TicketQuerySet


class Lines(logging.Handler):
    """The lines that requests write, as they are written."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.setFormatter(JsonLineFormatter())
        self.lines: list[dict] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def lines():
    handler, log = Lines(), logging.getLogger("campus_helpdesk.requests")
    log.addHandler(handler)
    yield handler.lines
    log.removeHandler(handler)


@pytest.fixture
def broken(monkeypatch):
    """Lists of tickets raise this error."""

    def break_with(error: Exception) -> None:
        def fail(*args):
            raise error

        monkeypatch.setattr(TicketQuerySet, "visible_to", fail)

    return break_with


def count(name: str, **labels: str) -> float:
    return REQUEST_REGISTRY.get_sample_value(name, labels) or 0


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/", "/nowhere/", "/static/css/app.css", "/api/v1/tickets/"]
)
def test_every_response_has_its_own_id(nobody, path):
    ids = {nobody.get(path)["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3
    assert all(len(name) == 32 for name in ids)


def test_valid_request_id_is_used_and_an_invalid_one_is_replaced(nobody):
    assert nobody.get("/", headers={"X-Request-ID": "from-the-proxy"})["X-Request-ID"] == "from-the-proxy"
    assert nobody.get("/", headers={"X-Request-ID": "no\tthing <b>"})["X-Request-ID"].isalnum()


@pytest.mark.parametrize(
    ("path", "route", "status", "role", "level"),
    [
        ("/tickets/?q=private+words", "portal:list", 200, "helpdesk", "INFO"),
        ("/nowhere/private/", "none", 404, "helpdesk", "INFO"),
        ("/admin/tickets/ticket/?q=private", "admin:tickets_ticket_changelist", 200, "helpdesk", "INFO"),
        ("/static/private.css", "static", 404, "", "INFO"),
        ("/api/v1/facts/", "facts", 403, "helpdesk", "WARNING"),
    ],
)
def test_request_is_logged_in_one_line_with_its_route_and_no_url(
    helpdesk, lines, path, route, status, role, level
):
    lines.clear()
    answer = helpdesk.get(path)
    line = lines
    assert [(one["route"], one["status"], one["level"]) for one in line] == [(route, status, level)]
    assert line[0]["method"] == "GET"
    assert line[0]["role"] == role or route == "static"
    assert line[0]["message"] == f"GET {route} {status}"
    assert line[0]["request_id"] == answer["X-Request-ID"]
    assert line[0]["ms"] > 0
    assert "private" not in json.dumps(line)


def test_log_contains_no_user_text(helpdesk, lines):
    ticket = helpdesk.api("POST", "tickets/", {"description": "My private text", "building": "Private hall"})
    helpdesk.api("POST", f"tickets/{ticket.json()['id']}/messages/", {"body": "private answer"})
    helpdesk.api("POST", "tickets/", {"description": "", "private": "private"})
    text = json.dumps(lines)
    key = helpdesk.client.cookies["sessionid"].value
    assert "rivate" not in text
    assert "Hedda" not in text
    assert key not in text
    assert helpdesk.token not in text


def test_unknown_method_is_no_label(nobody, lines):
    assert nobody.generic("BREW", "/").status_code == 403
    assert (lines[-1]["method"], lines[-1]["status"]) == ("other", 403)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_health_checks_are_not_logged(nobody, lines, path):
    assert nobody.get(path).status_code in (200, 503)
    assert lines == []


@pytest.mark.parametrize("error", [OperationalError("gone"), RuntimeError("private")])
def test_page_of_a_server_error_names_the_request_id(helpdesk, broken, lines, error):
    helpdesk.client.raise_request_exception = False
    broken(error)
    page = helpdesk.get("/tickets/")
    problem = helpdesk.api("GET", "tickets/")
    assert page.status_code == problem.status_code == (503 if isinstance(error, OperationalError) else 500)
    assert f"<code>{page['X-Request-ID']}</code>" in page.content.decode()
    assert problem.json()["request_id"] == problem["X-Request-ID"]
    assert lines[-1]["level"] == "ERROR"


def test_pages_of_hidden_and_missing_tickets_show_no_id(user):
    closed = make_ticket("closed")
    answers = [user.api("GET", f"tickets/{pk}/") for pk in (closed.pk, 987654321)]
    pages = [user.get(f"/tickets/{pk}/") for pk in (closed.pk, 987654321)]
    assert [answer.status_code for answer in answers + pages] == [404] * 4
    assert answers[0].content == answers[1].content
    for answer in answers + pages:
        assert answer["X-Request-ID"].encode() not in answer.content


def test_requests_and_refusals_are_counted_by_route(user):
    labels = {"route": "desk:queue", "method": "GET", "status": "4xx"}
    names = [("helpdesk_requests_total", labels), ("helpdesk_refusals_total", {"status": "403"})]
    names.append(("helpdesk_request_seconds_count", {"route": "desk:queue"}))
    before = [count(name, **labels) for name, labels in names]
    assert user.get("/desk/").status_code == 403
    assert [count(name, **labels) for name, labels in names] == [number + 1 for number in before]


def test_registry_contains_only_the_sites_metrics():
    assert REGISTRY.get_sample_value("helpdesk_requests_total") is None


def test_response_without_the_database_has_its_id_and_headers(user, lines, monkeypatch):
    def be_gone(*args):
        raise OperationalError("gone")

    monkeypatch.setattr(SessionStore, "load", be_gone)
    user.client.raise_request_exception = False
    page = user.get("/tickets/")
    assert page.status_code == 503
    assert f"<code>{page['X-Request-ID']}</code>" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert lines[-1]["status"] == 503
