"""Fixtures of the whole run: browsers of both roles that entered at the entrance."""

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

from tests.support.clients import ApiClient, enter
from tickets.learning.active_model import forget_cached_model

# A slow machine is not a failure.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
# Each answer of `live_server` would take 40 ms: its body waits for the delayed acknowledgement of its head.
WSGIRequestHandler.disable_nagle_algorithm = True

HERE = Path(__file__).parent
# Everything else is the unit suite (`make unit`). These start programs or train models; what is directly in
# this folder tests the whole project.
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
    """The unit suite does not read the files that it skips completely, because that takes as long as many
    tests."""
    is_for_unit = config.option.markexpr == "unit" and not collection_path.is_dir()
    return True if is_for_unit and not is_small(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        is_alone = SERVERS.isdisjoint(getattr(item, "fixturenames", ()))
        if is_alone and is_small(item.path):
            item.add_marker("unit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the fault tests in full size, as in `make faults`")


@pytest.fixture(scope="session", autouse=True)
def static_files_when_asked_for() -> Iterator[None]:
    """Each client has its own chain of middleware, which otherwise begins by reading all static files."""
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
    """No test categorises its tickets with the model that another one has activated."""
    forget_cached_model()
    yield
    forget_cached_model()


@pytest.fixture
def user(db) -> ApiClient:
    return enter("user", "Ursula")


@pytest.fixture
def helpdesk(db) -> ApiClient:
    return enter("helpdesk", "Hedda")


@pytest.fixture
def nobody(db) -> Client:
    return Client(enforce_csrf_checks=True)
