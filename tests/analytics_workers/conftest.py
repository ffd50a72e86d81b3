"""The edge of the workers: a helpdesk's API on a real socket."""

from collections.abc import Iterator

import pytest

from analytics_workers.helpdesk_api import HelpdeskApi
from analytics_workers.settings import Settings
from tests.analytics_workers.api_server import KEY, Api, serve


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    server = serve(api)
    yield api
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(api: Api) -> Iterator[HelpdeskApi]:
    with HelpdeskApi(Settings(redis_url="redis://127.0.0.1/0", service_key=KEY, api_url=api.url)) as client:
        yield client
