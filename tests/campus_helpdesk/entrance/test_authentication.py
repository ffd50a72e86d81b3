import pytest
from django.test import Client

from django_common.problem_details import SCHEME
from tests.support.routes import find_address, list_routes, make_sample_rows
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
OTHER_SCHEMES = ["Basic dXNlcjpwYXNz", "Digest username=u", "Negotiate abc", "Bearerish x", "basic", "", " "]
BAD_TOKENS = [
    "Bearer nonsense",
    "bearer nonsense",
    "BEARER x.y.z",
    "Bearer",
    "Bearer ",
    " Bearer x",
    "Bearer\tx",
]


@pytest.mark.parametrize("header", OTHER_SCHEMES)
def test_session_works_behind_a_proxy_with_its_own_password(user, header):
    assert user.api("GET", "tickets/", Authorization=header).status_code == 200
    made = user.api("POST", "tickets/", {"description": "The lamp flickers"}, Authorization=header)
    assert made.status_code == 201


@pytest.mark.parametrize("header", OTHER_SCHEMES)
def test_other_schemes_replace_neither_role_nor_csrf_token(user, nobody, header):
    assert nobody.get("/api/v1/tickets/", headers={"Authorization": header}).status_code == 401
    forged = user.client.post(
        "/api/v1/tickets/",
        {"description": "The lamp flickers"},
        content_type="application/json",
        headers={"Authorization": header},
    )
    assert forged.status_code == 403
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("header", BAD_TOKENS)
def test_bad_token_never_falls_back_to_the_session(helpdesk, header):
    answer = helpdesk.api("GET", "tickets/", Authorization=header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="campus-helpdesk"'


def test_password_of_a_proxy_is_refused_by_the_facts_endpoint(helpdesk):
    answer = helpdesk.api("GET", "facts/", Authorization="Basic dXNlcjpwYXNz")
    assert answer.status_code == 403
    assert Client().get("/api/v1/facts/", headers={"Authorization": "Basic x"}).status_code == 401


API = [(name, pattern) for name, pattern in list_routes() if pattern.startswith("api/v1/")]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_missing_role_is_reported_before_an_unavailable_format(nobody, headers):
    """401 comes before 406, on every route of the API."""
    rows = make_sample_rows()
    for name, pattern in API:
        address = find_address(name, pattern, rows)
        answer = nobody.get(address, headers={"Accept": "text/html", **headers})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, SCHEME), address


def test_unavailable_format_is_406_with_a_role(helpdesk, nobody):
    assert helpdesk.get("/api/v1/tickets/", Accept="image/png").status_code == 406
    assert nobody.get("/api/schema/", headers={"Accept": "image/png"}).status_code == 406
