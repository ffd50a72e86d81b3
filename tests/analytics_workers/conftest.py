"""The workers' counterpart: a helpdesk's API on a real socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_workers.helpdesk_api import HelpdeskApi
from analytics_workers.settings import Settings
from tests.support.api_server import KEY, Api, serve


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    server = serve(api)
    yield api
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(api: Api, tmp_path: Path) -> Iterator[HelpdeskApi]:
    settings = Settings("redis://127.0.0.1/0", service_key=KEY, api_url=api.url, facts_folder=tmp_path)
    with HelpdeskApi(settings) as client:
        yield client
