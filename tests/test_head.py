"""HEAD works wherever GET does: like GET, without the body."""

import pytest

from tests.support.clients import bearer, enter
from tests.support.routes import find_address, list_routes, make_sample_rows

OF_EACH_RESPONSE = {"Date", "Expires", "X-Request-ID", "X-As-Of"}
OF_NO_ROUTE = ["/healthz", "/readyz", "/metrics", "/static/campus.css", "/nowhere/"]


def list_addresses() -> list[tuple[str, dict[str, str]]]:
    """With the headers that grant access."""
    rows = make_sample_rows()
    token = bearer(rows.queued.pk, "tickets:read")
    routes = [
        (find_address(name, pattern, rows), token if name == "facts" else {})
        for name, pattern in list_routes()
    ]
    return [*routes, *((address, {}) for address in OF_NO_ROUTE)]


def describe(address: str, response) -> tuple[int, dict[str, str]]:
    """Counters continue; an error names the method."""
    is_steady = response.status_code != 405 and address != "/metrics"
    left_out = OF_EACH_RESPONSE | (set() if is_steady else {"Content-Length"})
    return response.status_code, {name: value for name, value in response.items() if name not in left_out}


def differ(client, address: str, headers: dict[str, str]) -> bool:
    get, head = client.get(address, headers=headers), client.head(address, headers=headers)
    return describe(address, head) != describe(address, get)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["helpdesk", "user", ""])
def test_head_equals_get_without_the_body(role, nobody):
    client = enter(role).client if role else nobody
    # A notice is shown once: what differs for its sake does so no second time.
    assert [
        a for a, headers in list_addresses() if differ(client, a, headers) and differ(client, a, headers)
    ] == []
