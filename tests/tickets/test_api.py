import pytest
from django.db import connection

from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.actions import edit_ticket
from tickets.models import Ticket

TEXT = {"description": "The elevator in the library is stuck"}


def match(version):
    return {"If_Match": f'"{version}"'}


def test_list_without_a_role_is_401_with_problem_details(nobody):
    answer = nobody.get("/api/v1/tickets/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "status", "detail"}


def test_create_answers_201_with_the_whole_ticket(user):
    answer = user.api("POST", "tickets/", TEXT | {"building": "Library"})
    ticket = answer.json()
    assert answer.status_code == 201
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


def test_create_replays_the_same_answer_under_the_same_key(user):
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
    answer = user.api("POST", "tickets/", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("raw", ["", "[1]", "{", '{"description": "\\ud800"}', "[" * 60_000, '{"a":' * 9_000])
def test_create_refuses_what_is_no_ticket_at_all(user, raw):
    answer = user.client.post(
        "/api/v1/tickets/", raw, content_type="application/json", headers={"X-CSRFToken": user.token}
    )
    assert answer.status_code == 400


def test_create_refuses_a_body_over_the_limit(user):
    assert user.api("POST", "tickets/", {"description": "x" * 300_000}).status_code == 413


def test_unsafe_methods_need_the_csrf_token(user):
    answer = user.client.post("/api/v1/tickets/", TEXT, content_type="application/json")
    assert answer.status_code == 403
    assert not Ticket.objects.exists()


def test_patch_refuses_in_the_contracts_order(user, helpdesk):
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
def test_patch_of_the_category_by_a_stranger_is_403(user, body, headers):
    ticket = make_ticket(by=USER)
    assert user.api("PATCH", f"tickets/{ticket.pk}/", body, **headers).status_code == 403


def test_patch_with_a_broken_body_is_refused_after_everything_else(user):
    path = f"/api/v1/tickets/{make_ticket().pk}/"
    for headers, status in (({}, 428), ({"If-Match": '"1"'}, 400)):
        headers = headers | {"X-CSRFToken": user.token}
        answer = user.client.patch(path, "{", content_type="application/json", headers=headers)
        assert answer.status_code == status


@pytest.mark.parametrize(
    "raw", ['{"description":"y","\\ud800":1}', '{"description":"\\udfff"}'], ids=["name", "value"]
)
def test_half_a_surrogate_pair_is_refused_in_words(user, raw):
    headers = {"X-CSRFToken": user.token}
    answer = user.client.post("/api/v1/tickets/", raw, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_form_s_key_does_not_show_a_ticket_that_was_closed(user, helpdesk):
    user.post("/tickets/new/", {"description": "The tap drips", "key": "K"})
    path = f"tickets/{Ticket.objects.get().pk}/"
    helpdesk.api("POST", path + "activate/")
    helpdesk.api("POST", path + "close/")
    answer = user.api("POST", "tickets/", {"description": "The tap drips"}, Idempotency_Key="K")
    assert answer.status_code == 404


def test_list_pages_end_when_very_many_share_one_moment(helpdesk):
    ticket = make_ticket()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_ticket (description, building, room, status, version, category,"
            " category_source, needs_review, triage_confidence, triage_runner_up, triage_evidence,"
            " triage_model, opened_at, modified_at, opener, opener_name, changed_xid)"
            " SELECT description, '', '', status, 1, category, category_source, false, 0, '', '[]', '',"
            " opened_at, modified_at, '', '', 0 FROM tickets_ticket, generate_series(1, 1299)"
        )
    seen, path = [], "tickets/?page_size=100"
    while path and len(seen) < 2000:
        page = helpdesk.api("GET", path).json()
        seen += [row["id"] for row in page["results"]]
        path = page["next"] and page["next"].split("/api/v1/")[1]
    assert len(seen) == len(set(seen)) == 1300
    assert ticket.pk in seen


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Projector in H-204 is dark", "H-204"),
        ("Projector in H-204 is dark", "204"),
        ("Room 1.05, socket 2.14a", "1.05"),
        ("Room 1.05, socket 2.14a", "2.14a"),
        ("moodle.uni.edu is slow", "moodle"),
        ("moodle.uni.edu is slow", "moodle.uni.edu"),
        ("mail to jane.doe@uni.edu bounces", "jane.doe@uni.edu"),
        ("cannot open report.pdf", "report"),
        ("error -47 on start", "error 47"),
        ("हिन्दी कीबोर्ड", "हिन्दी"),
        ("A/C in B/12 drips", "B/12"),
    ],
)
def test_search_finds_what_was_written_by_its_parts(helpdesk, stored, typed):
    ticket = make_ticket(description=stored)
    make_ticket(description="Something else entirely")
    found = helpdesk.client.get("/api/v1/tickets/", {"q": typed}).json()["results"]
    assert [row["id"] for row in found] == [ticket.pk]


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
def test_hidden_is_answered_like_missing(user, method, tail):
    hidden, missing = make_ticket("closed").pk, 99999999
    answers = [user.api(method, f"tickets/{pk}/{tail}", {}) for pk in (hidden, missing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    of_each_answer = {"Date", "X-Request-ID"}
    heads = [{k: v for k, v in answer.items() if k not in of_each_answer} for answer in answers]
    assert heads[0] == heads[1]


def test_moves_are_the_helpdesks(user, helpdesk):
    path = f"tickets/{make_ticket().pk}/"
    assert user.api("POST", path + "activate/").status_code == 403
    assert helpdesk.api("POST", path + "close/").status_code == 409
    assert helpdesk.api("POST", path + "activate/").json()["status"] == "active"
    assert user.api("POST", path + "close/").status_code == 403
    assert helpdesk.api("POST", path + "close/").json()["closed_at"]


@pytest.mark.parametrize(
    "query",
    [
        "status=bogus",
        "category=food",
        "nonsense=1",
        "opened_after=2024-02-30",
        "opened_after=2024-01-01T00:00:00",
        "opened_before=0001-01-01T00:00:00%2B23:59",
        "page_size=0",
        "page_size=101",
        "page_size=x",
        "ordering=version",
        "cursor=garbage",
        "cursor=cD1nYXJiYWdl",  # p=garbage
        "cursor=cD0wMDAxLTAxLTAxIDAwOjAwOjAwKzE0OjAw",  # p=0001-01-01 00:00:00+14:00
        "building=%00",
        "q=%00",
    ],
)
def test_list_refuses_bad_filters(helpdesk, query):
    make_ticket()
    answer = helpdesk.api("GET", f"tickets/?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.json()["errors"]


@pytest.mark.parametrize("under", ["messages", "history"])
@pytest.mark.parametrize("query", ["nonsense=1", "status=open", "page_size=5&page_size=6", "cursor=garbage"])
def test_lists_under_a_ticket_refuse_what_they_do_not_have(helpdesk, under, query):
    answer = helpdesk.api("GET", f"tickets/{make_ticket().pk}/{under}/?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.json()["errors"]


def test_list_filters_and_searches(helpdesk):
    lift = make_ticket(description="Der Aufzug in der Cafetería klemmt", building="Mensa")
    wifi = make_ticket("active", description="The wifi is down")

    def ids(query):
        return [row["id"] for row in helpdesk.api("GET", f"tickets/?{query}").json()["results"]]

    assert ids("") == [wifi.pk, lift.pk]
    assert ids("ordering=opened_at") == [lift.pk, wifi.pk]
    assert ids("status=active") == [wifi.pk]
    assert ids("status=active&status=open") == [wifi.pk, lift.pk]
    assert ids("category=it") == [wifi.pk]
    assert (
        ids("q=cafet")
        == ids("q=AUFZUG klemmt")
        == ids(f"q=%23{lift.pk}")
        == ids("building=mensa")
        == [lift.pk]
    )
    assert ids("q=%27%20%7C%20%3A*%20%26%20!%28") == []
    assert ids("opened_after=2020-01-01&opened_before=2020-01-02") == []


def test_list_pages_partition_the_tickets(user):
    made = [make_ticket().pk for _ in range(7)]
    seen, path = [], "tickets/?page_size=3"
    while path:
        page = user.api("GET", path).json()
        seen += [row["id"] for row in page["results"]]
        path = page["next"] and page["next"].split("/api/v1/")[1]
    assert sorted(seen) == made
    assert len(seen) == len(set(seen))


def test_list_of_a_user_is_the_helpdesks_without_closed(user, helpdesk):
    for status in ("open", "active", "closed"):
        make_ticket(status)
    everything = helpdesk.api("GET", "tickets/").json()["results"]
    assert [row for row in everything if row["status"] != "closed"] == user.api("GET", "tickets/").json()[
        "results"
    ]
    assert user.api("GET", "tickets/?status=closed").json()["results"] == []


def test_history_is_a_page_of_lines(helpdesk):
    ticket = make_ticket()
    edit_ticket(ticket, by=HELPDESK, version=1, changes={"room": "3"})
    page = helpdesk.api("GET", f"tickets/{ticket.pk}/history/").json()
    assert [line["verb"] for line in page["results"]] == ["opened", "edited"]
    assert page["results"][1]["changes"] == {"room": ["", "3"]}
    assert set(page) == {"next", "previous", "results"}


@pytest.mark.parametrize("rows", [1, 30])
def test_list_takes_the_same_statements_for_one_and_thirty(helpdesk, django_assert_num_queries, rows):
    for _ in range(rows):
        make_ticket()
    with django_assert_num_queries(2):
        helpdesk.api("GET", "tickets/?page_size=50")


@pytest.mark.parametrize("rows", [1, 30])
def test_search_takes_the_same_statements_for_one_and_thirty(helpdesk, django_assert_num_queries, rows):
    """Besides the list's own two: how the words are spelled, how common they are, similar ones, the hits."""
    for _ in range(rows):
        make_ticket(description="The lamp flickers")
    with django_assert_num_queries(6):
        page = helpdesk.client.get("/api/v1/tickets/", {"q": "lamp flickers", "page_size": 100}).json()
    assert len(page["results"]) == rows


@pytest.mark.parametrize(
    "pasted",
    [
        "https://uni.edu/a/b.html?x=1&y=2#part and 10.0.0.12:8080 in one line of nine words or more",
        'Traceback (most recent call last):\n\tFile "/usr/lib/python3.11/site.py", line 7\r\nOSError: [5]',
        "\x1b[31mERROR\x1b[0m the lamp flickers",
        "x" * 5000,
        "\u2019\u00a0\u200b" * 700,
    ],
)
def test_any_pasted_text_is_searched(helpdesk, pasted):
    make_ticket(description="The lamp flickers, OSError 5, 10.0.0.12")
    for path in ("/api/v1/tickets/", "/desk/", "/tickets/"):
        assert helpdesk.client.get(path, {"q": pasted}).status_code == 200


def test_best_hits_come_first_unless_an_order_is_asked(helpdesk):
    whole = make_ticket(description="A lamp")
    begins = make_ticket(description="Lampshade")
    seen, path = [], "tickets/?q=lamp&page_size=1"
    while path:
        page = helpdesk.api("GET", path).json()
        seen += [row["id"] for row in page["results"]]
        path = page["next"] and page["next"].split("/api/v1/")[1]
    assert seen == [whole.pk, begins.pk]
    page = helpdesk.api("GET", "tickets/?q=lamp&ordering=-opened_at").json()
    assert [row["id"] for row in page["results"]] == [begins.pk, whole.pk]


@pytest.mark.parametrize(
    ("header", "status"), [("1", 400), ("", 400), ("*", 428), ('W/"1"', 412), ('"9"', 412), ('"9", "1"', 200)]
)
def test_edit_takes_a_version_as_an_entity_tag_alone(user, header, status):
    answer = user.api("PATCH", f"tickets/{make_ticket().pk}/", {"room": "1"}, If_Match=header)
    assert answer.status_code == status
    assert ("If-Match" in answer.json().get("errors", {})) is (status == 400)


def test_closed_is_told_before_a_header_that_is_no_entity_tag(helpdesk):
    closed = make_ticket("closed").pk
    assert helpdesk.api("PATCH", f"tickets/{closed}/", {"room": "1"}, If_Match="1").status_code == 409


@pytest.mark.parametrize("key", ["", " ", "\t"])
def test_blank_key_protects_nobody_and_is_refused_by_name(user, key):
    under = f"tickets/{make_ticket().pk}/messages/"
    for path, body in (("tickets/", TEXT), (under, {"body": "Is anybody coming?"})):
        answer = user.api("POST", path, body, Idempotency_Key=key)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])
    assert Ticket.objects.count() == 1
