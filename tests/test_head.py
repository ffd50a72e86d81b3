"""HEAD works wherever GET does: like GET, without the body."""

import pytest

from tests.support.clients import bearer, enter
from tests.support.routes import find_address, list_routes, make_stage

OF_EACH_ANSWER = {"Date", "Expires", "X-Request-ID", "X-As-Of"}
OF_NO_ROUTE = ["/healthz", "/readyz", "/metrics", "/static/campus.css", "/nowhere/"]


def list_addresses() -> list[tuple[str, dict[str, str]]]:
    """With the headers that grant access."""
    stage = make_stage()
    token = bearer(stage.queued.pk, "tickets:read")
    routes = [
        (find_address(name, pattern, stage), token if name == "facts" else {})
        for name, pattern in list_routes()
    ]
    return [*routes, *((address, {}) for address in OF_NO_ROUTE)]


def describe(address: str, answer) -> tuple[int, dict[str, str]]:
    """Counters continue; an error names the method."""
    is_steady = answer.status_code != 405 and address != "/metrics"
    left_out = OF_EACH_ANSWER | (set() if is_steady else {"Content-Length"})
    return answer.status_code, {name: value for name, value in answer.items() if name not in left_out}


def differ(client, address: str, headers: dict[str, str]) -> bool:
    read, asked = client.get(address, headers=headers), client.head(address, headers=headers)
    return describe(address, asked) != describe(address, read)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["helpdesk", "user", ""])
def test_head_equals_get_without_the_body(role, nobody):
    client = enter(role).client if role else nobody
    # A notice is shown once: what differs for its sake does so no second time.
    assert [
        a for a, headers in list_addresses() if differ(client, a, headers) and differ(client, a, headers)
    ] == []
