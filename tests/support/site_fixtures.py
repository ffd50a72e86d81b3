"""Fixtures of tests with Django: clients of both roles that have passed the entrance."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from django.template.backends.jinja2 import Template
from django.test import Client, override_settings
from django.test.signals import template_rendered

from tests.support.clients import ApiClient, enter
from tickets.learning.active_model import forget_cached_model

# Each response of `live_server` would take 40 ms: its body waits for the delayed acknowledgement of its head.
WSGIRequestHandler.disable_nagle_algorithm = True


@pytest.fixture(scope="session", autouse=True)
def static_files_on_demand() -> Iterator[None]:
    """Each client has its own chain of middleware, which otherwise starts by reading all static files."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(scope="session", autouse=True)
def template_context() -> Iterator[None]:
    """Django's client gets `response.context` from a signal that only Django's own templates send."""
    render = Template.render

    def render_with_signal(template: Template, context: dict | None = None, request: Any = None) -> str:
        template_rendered.send(sender=template, template=template, context=dict(context or {}))
        return render(template, context, request)

    with patch.object(Template, "render", render_with_signal):
        yield


@pytest.fixture(autouse=True)
def no_cached_model():
    """No test categorises its tickets with a model that another test has activated."""
    forget_cached_model()
    yield
    forget_cached_model()


@pytest.fixture
def own_storage(tmp_path, settings) -> None:
    """A folder of its own for the photos of this test."""
    options = {"location": tmp_path / "files", "allow_overwrite": True}
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": storage}


@pytest.fixture
def user(db) -> ApiClient:
    return enter("user", "Ursula")


@pytest.fixture
def helpdesk(db) -> ApiClient:
    return enter("helpdesk", "Hedda")


@pytest.fixture
def nobody(db) -> Client:
    return Client(enforce_csrf_checks=True)
