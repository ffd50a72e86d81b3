"""The lists of the API: filters, search, pages, what they cost."""

import pytest
from django.db import connection

from tests.support.factories import HELPDESK, make_ticket
from tickets.actions import edit_ticket


def test_list_pages_end_with_very_many_equal_times(helpdesk):
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
def test_search_finds_parts_of_codes(helpdesk, stored, typed):
    ticket = make_ticket(description=stored)
    make_ticket(description="Something else entirely")
    found = helpdesk.client.get("/api/v1/tickets/", {"q": typed}).json()["results"]
    assert [row["id"] for row in found] == [ticket.pk]


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
    response = helpdesk.api("GET", f"tickets/?{query}")
    assert response.status_code == 400
    assert query.split("=")[0] in response.json()["errors"]


@pytest.mark.parametrize("under", ["messages", "history"])
@pytest.mark.parametrize("query", ["nonsense=1", "status=open", "page_size=5&page_size=6", "cursor=garbage"])
def test_lists_under_a_ticket_refuse_unknown_parameters(helpdesk, under, query):
    response = helpdesk.api("GET", f"tickets/{make_ticket().pk}/{under}/?{query}")
    assert response.status_code == 400
    assert query.split("=")[0] in response.json()["errors"]


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


def test_users_list_is_the_helpdesks_without_closed_tickets(user, helpdesk):
    for status in ("open", "active", "closed"):
        make_ticket(status)
    everything = helpdesk.api("GET", "tickets/").json()["results"]
    assert [row for row in everything if row["status"] != "closed"] == user.api("GET", "tickets/").json()[
        "results"
    ]
    assert user.api("GET", "tickets/?status=closed").json()["results"] == []


def test_history_is_a_page_of_rows(helpdesk):
    ticket = make_ticket()
    edit_ticket(ticket, by=HELPDESK, version=1, changes={"room": "3"})
    page = helpdesk.api("GET", f"tickets/{ticket.pk}/history/").json()
    assert [row["verb"] for row in page["results"]] == ["opened", "edited"]
    assert page["results"][1]["changes"] == {"room": ["", "3"]}
    assert set(page) == {"next", "previous", "results"}


@pytest.mark.parametrize("rows", [1, 30])
def test_list_needs_as_many_queries_for_1_as_for_30_rows(helpdesk, django_assert_num_queries, rows):
    for _ in range(rows):
        make_ticket()
    with django_assert_num_queries(2):
        helpdesk.api("GET", "tickets/?page_size=50")


@pytest.mark.parametrize("rows", [1, 30])
def test_search_needs_as_many_queries_for_1_as_for_30_rows(helpdesk, django_assert_num_queries, rows):
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
def test_any_pasted_text_can_be_searched(helpdesk, pasted):
    make_ticket(description="The lamp flickers, OSError 5, 10.0.0.12")
    for path in ("/api/v1/tickets/", "/desk/", "/tickets/"):
        assert helpdesk.client.get(path, {"q": pasted}).status_code == 200


def test_best_hits_come_first_without_an_ordering(helpdesk):
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
