"""Fixtures of the whole run: browsers of both roles, as they come through the door."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from django.template.backends.jinja2 import Template
from django.test import Client, override_settings
from django.test.signals import template_rendered
from hypothesis import settings

from tickets.learning.active_model import look_again

# A slow moment of the machine is no finding.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
# An answer of `live_server` would wait 40 ms: its body for the receipt of its head, which is sent late.
WSGIRequestHandler.disable_nagle_algorithm = True

HERE = Path(__file__).parent
# Everything else is the unit suite (`make unit`). These start programs or train models; what stands right in
# this folder looks at the whole house.
LARGE = {
    HERE / place
    for place in (
        *("e2e", "chaos", "local_copy", "deploy"),
        *("campus_helpdesk/local_stack", "campus_helpdesk/serving", "campus_helpdesk/test_start.py"),
        *("campus_helpdesk/operations/test_backups.py", "campus_helpdesk/operations/test_health.py"),
        *("analytics_workers/test_worker.py", "analytics_workers/test_start.py"),
        "common/test_broker_connection.py",
        *("tickets/learning/test_retraining.py", "tickets/learning/test_active_model.py"),
        *("tickets/triage/test_train.py", "tickets/triage/test_evaluate.py"),
        "tickets/triage/test_reference_set.py",
    )
}
SERVERS = {"live_server", "broker_at"}


def is_small(file: Path) -> bool:
    return file.parent != HERE and LARGE.isdisjoint([file, *file.parents])


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The unit suite does not read the files that it leaves out whole: that takes as long as many tests."""
    is_for_unit = config.option.markexpr == "unit" and not collection_path.is_dir()
    return True if is_for_unit and not is_small(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        is_alone = SERVERS.isdisjoint(getattr(item, "fixturenames", ()))
        if is_alone and is_small(item.path):
            item.add_marker("unit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the fault tests in full size, as in `make faults`")


def enter(role: str, name: str = "") -> Client:
    """A client that chose a role at the door, with the CSRF check as strict as in production."""
    client = Client(enforce_csrf_checks=True)
    client.get("/")
    token = client.cookies["csrftoken"].value
    answer = client.post("/enter/", {"role": role, "name": name, "csrfmiddlewaretoken": token})
    assert answer.status_code == 302, answer.content
    return ApiClient(client)


class ApiClient:
    """A client that sends the CSRF token and speaks JSON, as the contract says."""

    def __init__(self, client: Client):
        self.client = client

    @property
    def token(self) -> str:
        return self.client.cookies["csrftoken"].value

    def get(self, path: str, **headers):
        return self.client.get(path, headers=headers)

    def api(self, method: str, path: str, body=None, **headers):
        send = getattr(self.client, method.lower())
        headers = {"X-CSRFToken": self.token} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if method == "GET":
            return send(f"/api/v1/{path}", headers=headers)
        return send(f"/api/v1/{path}", data=body, content_type="application/json", headers=headers)

    def post(self, path: str, form: dict, **options):
        return self.client.post(path, {**form, "csrfmiddlewaretoken": self.token}, **options)


@pytest.fixture(scope="session", autouse=True)
def static_files_when_asked_for() -> Iterator[None]:
    """A client has a chain of middleware of its own, which otherwise begins by reading all static files."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(scope="session", autouse=True)
def pages_tell_what_they_were_told() -> Iterator[None]:
    """Django's client learns `context` from a signal that only Django's own templates send."""
    render = Template.render

    def render_and_tell(template: Template, context: dict | None = None, request: Any = None) -> str:
        template_rendered.send(sender=template, template=template, context=dict(context or {}))
        return render(template, context, request)

    with patch.object(Template, "render", render_and_tell):
        yield


@pytest.fixture(autouse=True)
def nothing_learnt():
    """No test files its tickets with the model that another one has activated."""
    look_again()
    yield
    look_again()


@pytest.fixture
def user(db) -> ApiClient:
    return enter("user", "Ursula")


@pytest.fixture
def helpdesk(db) -> ApiClient:
    return enter("helpdesk", "Hedda")


@pytest.fixture
def nobody(db) -> Client:
    return Client(enforce_csrf_checks=True)
