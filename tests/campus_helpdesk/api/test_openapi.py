"""The API against its own OpenAPI document: every response is one that the document describes."""

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks

from tests.support.clients import enter
from tests.support.factories import make_conversation, make_ticket

schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))


@pytest.fixture
def headers_by_role(transactional_db) -> dict[str, dict[str, str]]:
    """The headers of both roles, in a helpdesk that has tickets."""
    for status in ("open", "active", "closed"):
        make_ticket(status)
    make_conversation(make_ticket())
    return {role: headers_of(enter(role)) for role in ("user", "helpdesk")}


def headers_of(client) -> dict[str, str]:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.client.cookies.items())
    return {"Cookie": cookies, "X-CSRFToken": client.token}


@schema.include(path_regex="^/api/v1/").parametrize()
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_generated_request_violates_the_schema(case, live_server, headers_by_role):
    for headers in headers_by_role.values():
        response = case.call(base_url=live_server.url, headers=headers)
        case.validate_response(response, checks=[checks.not_a_server_error])
