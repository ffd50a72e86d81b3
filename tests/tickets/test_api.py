import pytest

from tests.support.clients import match
from tests.support.factories import USER, make_ticket
from tickets.models import Ticket

TEXT = {"description": "The elevator in the library is stuck"}


def test_list_without_a_role_is_401_with_problem_details(nobody):
    response = nobody.get("/api/v1/tickets/")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert set(response.json()) >= {"type", "title", "status", "detail"}


def test_create_returns_201_with_the_ticket(user):
    response = user.api("POST", "tickets/", TEXT | {"building": "Library"})
    ticket = response.json()
    assert response.status_code == 201
    assert (ticket["category"], ticket["status"], ticket["version"]) == ("facility", "open", 1)
    assert ticket["opened_at"].endswith("Z")
    assert set(ticket["triage"]) == {
        "source",
        "confidence",
        "runner_up",
        "evidence",
        "needs_review",
        "model",
        "is_mixed",
    }


def test_create_replays_the_first_response_for_the_same_key(user):
    first = user.api("POST", "tickets/", TEXT, Idempotency_Key="a").json()
    user.api("PATCH", f"tickets/{first['id']}/", {"room": "7"}, **match(1))
    again = user.api("POST", "tickets/", TEXT, Idempotency_Key="a")
    assert (again.status_code, again.json()) == (201, first)
    assert user.api("POST", "tickets/", {"description": "Other"}, Idempotency_Key="a").status_code == 422


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "description"),
        ({"description": "  "}, "description"),
        ({"description": 7}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"description": "x", "room": "y" * 101}, "room"),
        ({"description": "x", "status": "closed"}, "status"),
    ],
)
def test_create_refuses_bad_input_naming_the_field(user, body, field):
    response = user.api("POST", "tickets/", body)
    assert response.status_code == 400
    assert field in response.json()["errors"]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("raw", ["", "[1]", "{", '{"description": "\\ud800"}', "[" * 60_000, '{"a":' * 9_000])
def test_create_refuses_bodies_that_are_not_objects(user, raw):
    response = user.client.post(
        "/api/v1/tickets/", raw, content_type="application/json", headers={"X-CSRFToken": user.token}
    )
    assert response.status_code == 400


def test_create_refuses_a_body_over_the_limit(user):
    assert user.api("POST", "tickets/", {"description": "x" * 300_000}).status_code == 413


def test_unsafe_methods_need_the_csrf_token(user):
    response = user.client.post("/api/v1/tickets/", TEXT, content_type="application/json")
    assert response.status_code == 403
    assert not Ticket.objects.exists()


def test_patch_refuses_in_the_documented_order(user, helpdesk):
    ticket = make_ticket()
    path = f"tickets/{ticket.pk}/"
    assert user.api("PATCH", path, {"room": 7}).status_code == 428
    assert user.api("PATCH", path, {"room": 7}, **match(9)).status_code == 412
    assert user.api("PATCH", path, {"room": 7}, **match(1)).status_code == 400
    closed = make_ticket("closed")
    path = f"tickets/{closed.pk}/"
    assert user.api("PATCH", path, {"room": 7}).status_code == 404
    assert helpdesk.api("PATCH", path, {"room": 7}).status_code == 409


@pytest.mark.parametrize("body", [{"category": "it"}, {"category": "bogus"}, {"category": "it", "room": 7}])
@pytest.mark.parametrize("headers", [match(1), match(9), {}])
def test_patch_of_the_category_by_another_user_is_403(user, body, headers):
    ticket = make_ticket(by=USER)
    assert user.api("PATCH", f"tickets/{ticket.pk}/", body, **headers).status_code == 403


def test_patch_with_malformed_json_is_refused_last(user):
    path = f"/api/v1/tickets/{make_ticket().pk}/"
    for headers, status in (({}, 428), ({"If-Match": '"1"'}, 400)):
        headers = headers | {"X-CSRFToken": user.token}
        response = user.client.patch(path, "{", content_type="application/json", headers=headers)
        assert response.status_code == status


@pytest.mark.parametrize(
    "raw", ['{"description":"y","\\ud800":1}', '{"description":"\\udfff"}'], ids=["name", "value"]
)
def test_lone_surrogate_is_refused_with_errors(user, raw):
    headers = {"X-CSRFToken": user.token}
    response = user.client.post("/api/v1/tickets/", raw, content_type="application/json", headers=headers)
    assert response.status_code == 400
    assert response.json()["errors"]


def test_form_key_does_not_reveal_a_closed_ticket(user, helpdesk):
    user.post("/tickets/new/", {"description": "The tap drips", "key": "K"})
    path = f"tickets/{Ticket.objects.get().pk}/"
    helpdesk.api("POST", path + "activate/")
    helpdesk.api("POST", path + "close/")
    response = user.api("POST", "tickets/", {"description": "The tap drips"}, Idempotency_Key="K")
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("method", "tail"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("POST", "activate/"),
        ("POST", "close/"),
        ("GET", "messages/"),
        ("POST", "messages/"),
        ("GET", "history/"),
    ],
)
def test_hidden_ticket_looks_like_a_missing_one(user, method, tail):
    hidden, missing = make_ticket("closed").pk, 99999999
    responses = [user.api(method, f"tickets/{pk}/{tail}", {}) for pk in (hidden, missing)]
    assert [response.status_code for response in responses] == [404, 404]
    assert responses[0].content == responses[1].content
    of_each_response = {"Date", "X-Request-ID"}
    heads = [{k: v for k, v in response.items() if k not in of_each_response} for response in responses]
    assert heads[0] == heads[1]


def test_moves_are_allowed_only_to_the_helpdesk(user, helpdesk):
    path = f"tickets/{make_ticket().pk}/"
    assert user.api("POST", path + "activate/").status_code == 403
    assert helpdesk.api("POST", path + "close/").status_code == 409
    assert helpdesk.api("POST", path + "activate/").json()["status"] == "active"
    assert user.api("POST", path + "close/").status_code == 403
    assert helpdesk.api("POST", path + "close/").json()["closed_at"]


@pytest.mark.parametrize(
    ("header", "status"), [("1", 400), ("", 400), ("*", 428), ('W/"1"', 412), ('"9"', 412), ('"9", "1"', 200)]
)
def test_edit_accepts_only_a_strong_entity_tag(user, header, status):
    response = user.api("PATCH", f"tickets/{make_ticket().pk}/", {"room": "1"}, If_Match=header)
    assert response.status_code == status
    assert ("If-Match" in response.json().get("errors", {})) is (status == 400)


def test_closed_ticket_is_409_before_an_invalid_entity_tag(helpdesk):
    closed = make_ticket("closed").pk
    assert helpdesk.api("PATCH", f"tickets/{closed}/", {"room": "1"}, If_Match="1").status_code == 409


@pytest.mark.parametrize("key", ["", " ", "\t"])
def test_blank_key_is_refused_by_name(user, key):
    under = f"tickets/{make_ticket().pk}/messages/"
    for path, body in (("tickets/", TEXT), (under, {"body": "Is anybody coming?"})):
        response = user.api("POST", path, body, Idempotency_Key=key)
        assert (response.status_code, list(response.json()["errors"])) == (400, ["Idempotency-Key"])
    assert Ticket.objects.count() == 1
