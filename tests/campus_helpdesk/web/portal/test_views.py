import re
import time
from html import unescape
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import connection

from campus_helpdesk.web.shared import ticket_detail
from messaging.actions import post_message
from messaging.models import Message
from tests.support.clients import enter
from tests.support.factories import HELPDESK, USER, make_conversation, make_ticket
from tests.support.pages import count_statements, summaries_of, text_of, value_of
from tickets.actions import activate_ticket, close_ticket
from tickets.models import Ticket

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("path", ["/tickets/", "/tickets/new/", "/tickets/1/", "/tickets/1/edit/"])
def test_pages_without_a_role_redirect_to_the_entrance(nobody, path):
    answer = nobody.get(path)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/")


def test_list_shows_open_and_active_and_no_closed_ticket(user, db):
    for status in ("open", "active", "closed"):
        make_ticket(status, description=f"A {status} one")
    assert summaries_of(user.get("/tickets/")) == ["A active one", "A open one"]


def test_users_view_shows_the_helpdesk_what_users_see(helpdesk, user, ticket):
    make_ticket("closed")
    post_message(ticket, by=HELPDESK, body="Spare part ordered", is_internal=True)
    for query in ("", "?q=lamp", "?status=closed", "?ordering=modified_at"):
        pages = [client.get(f"/tickets/{query}") for client in (helpdesk, user)]
        assert summaries_of(pages[0]) == summaries_of(pages[1])
        assert "status-closed" not in text_of(pages[0])
    step = helpdesk.get(f"/tickets/{ticket.pk}/previous/")["Location"]
    assert step.startswith(f"/tickets/{ticket.pk}/")


def test_list_shows_location_messages_and_last_author(user, ticket):
    make_conversation(ticket)
    page = text_of(user.get("/tickets/"))
    assert "Library, Lobby" in page
    assert "2, last by the helpdesk" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lift", True),
        ("q=canteen", False),
        ("status=open&category=", True),
        ("status=active", False),
        ("building=library", True),
        ("opened_before=2020-01-01", False),
        ("status=&category=&q=&building=&opened_after=&opened_before=", True),
    ],
)
def test_list_filters_by_the_address(user, ticket, query, found):
    assert (summaries_of(user.get(f"/tickets/?{query}")) == ["The lift is stuck"]) is found


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("status=bogus", "Status"),
        ("nonsense=1", "Nonsense"),
        ("__Proto_%7B=1", "__Proto_{"),
        ("opened_after=2024-02-30", "Opened from"),
        ("opened_until=x", "Opened until"),
        ("page_size=0", "Page size"),
        ("cursor=x", "Cursor"),
    ],
)
def test_list_refuses_a_bad_filter_by_its_label(user, ticket, query, label):
    response = user.get(f"/tickets/?{query}")
    assert response.status_code == 400
    assert f"<strong>{label}</strong>: " in text_of(response)


def test_empty_list_explains_why(user, db):
    assert "No open reports" in text_of(user.get("/tickets/"))
    assert "No ticket matches" in text_of(user.get("/tickets/?q=lamp"))


def test_list_pages_contain_every_ticket_once(user, db):
    made = [make_ticket().summary for _ in range(5)]
    first = user.get("/tickets/?page_size=3")
    older = first.context["page"].next
    second = user.get(f"/tickets/{older}")
    assert summaries_of(first) + summaries_of(second) == made[::-1]
    assert second.context["page"].previous
    assert not second.context["page"].next


def test_list_takes_as_many_statements_for_30_tickets_as_for_1(user, ticket):
    few = count_statements(connection, user, "/tickets/")
    for _ in range(29):
        make_conversation(make_ticket())
    assert count_statements(connection, user, "/tickets/?page_size=100") == few <= 6


def test_report_creates_a_ticket_and_shows_its_number(user, db):
    key = value_of(user.get("/tickets/new/"), "key")
    answer = user.post("/tickets/new/", {"description": "No heat in 2.14", "building": "Physics", "key": key})
    ticket = Ticket.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/tickets/{ticket.pk}/sent/")
    page = text_of(user.get(answer["Location"]))
    assert f"Thank you. Your report is ticket {ticket.pk}." in page
    assert "What happens next" in page


def test_report_sent_twice_with_one_key_creates_one_ticket(user, db):
    form = {"description": "The tap drips", "key": value_of(user.get("/tickets/new/"), "key")}
    assert user.post("/tickets/new/", form)["Location"] == user.post("/tickets/new/", form)["Location"]
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   ", "a\0b", "\u200b", "x" * 20_001])
def test_report_refuses_a_bad_text_and_keeps_the_rest(user, db, text):
    answer = user.post("/tickets/new/", {"description": text, "building": "Physics"})
    assert answer.status_code == 400
    assert '<a href="#field-description">The problem</a>: ' in text_of(answer)
    assert value_of(answer, "building") == "Physics"
    assert not Ticket.objects.exists()


def test_suggestion_names_the_category_and_the_deciding_words(user, db):
    page = text_of(
        user.post("/tickets/new/category/", {"description": "The elevator in the library is stuck"})
    )
    assert "Facility management" in page
    assert "elevator" in page
    assert "chosen from your words" in text_of(user.post("/tickets/new/category/", {"description": "a"}))


def test_ticket_shows_the_conversation_without_notes_and_without_moves(user, ticket):
    make_conversation(ticket)
    page = text_of(user.get(f"/tickets/{ticket.pk}/"))
    assert (
        page.index("since nine")
        < page.index("Is anybody coming?")
        < page.index("A technician is on the way.")
    )
    assert "Spare part" not in page
    assert "activate" not in page


def test_ticket_that_is_closed_looks_like_a_missing_one(user, db):
    closed = make_ticket("closed")
    for path in ("", "edit/", "messages/"):
        hidden, missing = (
            user.get(f"/tickets/{pk}/{path}") for pk in (closed.pk, 99_999_999_999_999_999_999)
        )
        assert (hidden.status_code, missing.status_code) == (404, 404)
        assert hidden.content == missing.content


def test_ticket_takes_at_most_7_statements_for_any_conversation(user, ticket):
    few = count_statements(connection, user, f"/tickets/{ticket.pk}/")
    for _ in range(10):
        make_conversation(ticket)
    assert count_statements(connection, user, f"/tickets/{ticket.pk}/") == few <= 7


def test_ticket_escapes_text(user, db):
    ticket = make_ticket(description="<script>alert(1)</script> $x_{ 🔥 مرحبا")
    assert (
        b"&lt;script&gt;alert(1)&lt;/script&gt; $x_{ \xf0\x9f\x94\xa5"
        in user.get(f"/tickets/{ticket.pk}/").content
    )


def test_message_sent_twice_with_one_key_is_stored_once(user, ticket):
    form = {"body": "Please hurry", "key": value_of(user.get(f"/tickets/{ticket.pk}/"), "key")}
    for _ in range(2):
        answer = user.post(f"/tickets/{ticket.pk}/messages/", form)
        assert answer.status_code == 302
    assert [message.body for message in Message.objects.all()] == ["Please hurry"]


def test_message_that_is_refused_is_not_lost(user, ticket):
    answer = user.post(f"/tickets/{ticket.pk}/messages/", {"body": "a\0b"})
    assert answer.status_code == 400
    assert "Your message was not sent" in text_of(answer)
    assert not Message.objects.exists()


def test_user_cannot_write_a_note(user, ticket):
    assert user.post(f"/tickets/{ticket.pk}/messages/", {"body": "x", "is_internal": "1"}).status_code == 403


def test_poll_is_empty_until_there_is_a_new_message(user, ticket):
    path = f"/tickets/{ticket.pk}/messages/"
    state = user.get(f"/tickets/{ticket.pk}/").context["state"]
    assert user.get(f"{path}?since={state}", **HTMX).status_code == 204
    make_conversation(ticket)
    news = text_of(user.get(f"{path}?since={state}", **HTMX))
    assert "A technician is on the way." in news
    assert "<html" not in news


def poll_of(page) -> str:
    """The address at which a ticket's page polls."""
    return unescape(re.search(r'hx-get="([^"]+/messages/[^"]*)"', page.content.decode())[1])


def test_page_that_showed_a_ticket_learns_that_it_was_closed_and_nothing_else(user, helpdesk, ticket):
    poll = poll_of(user.get(f"/tickets/{ticket.pk}/"))
    activate_ticket(ticket, by=HELPDESK)
    post_message(ticket, by=HELPDESK, body="ZQX never shown to this page")
    post_message(ticket, by=HELPDESK, body="ZQX note", is_internal=True)
    close_ticket(ticket, by=HELPDESK)
    answer = user.get(poll, **HTMX)
    assert (answer.status_code, answer["HX-Reswap"]) == (286, "none")
    page = text_of(answer)
    assert "just now" in re.sub("<[^>]+>", "", page)
    assert f'datetime="{ticket.closed_at.isoformat()}"' in page
    assert 'href="/tickets/new/"' in page
    assert not any(word in page for word in ("ZQX", "lift", "Library", "Hedda", "<form", "Technical"))


def test_closing_notice_needs_a_valid_token(user, helpdesk, ticket):
    page = user.get(f"/tickets/{ticket.pk}/")
    other = make_ticket("active")
    polls = {"its own": poll_of(page), "another ticket's": poll_of(user.get(f"/tickets/{other.pk}/"))}
    stolen, desk = enter("user", "Otto"), poll_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))
    activate_ticket(ticket, by=HELPDESK)
    close_ticket(ticket, by=HELPDESK)
    token = {name: poll.split("page=")[1] for name, poll in (polls | {"the desk's": desk}).items()}
    missing = user.get("/tickets/987654321/messages/?since=1-0", **HTMX).content
    path, good = f"/tickets/{ticket.pk}/messages/?since=1-0&page=", token["its own"]
    refused = [
        user.get(path + bad, **HTMX)
        for bad in ("", "x", ":", good[:-1], f"0{good}", token["another ticket's"], token["the desk's"])
    ]
    refused += [stolen.get(path + good, **HTMX), user.get(path + good), user.get(f"/tickets/{ticket.pk}/")]
    assert {answer.status_code for answer in refused} == {404}
    assert {answer.content for answer in refused} == {missing}
    with patch("django.core.signing.time") as clock:
        clock.time.return_value = time.time() + settings.SESSION_COOKIE_AGE + 1
        assert user.get(path + good, **HTMX).status_code == 404
    assert user.get(path + good, **HTMX).status_code == 286


def test_poll_opened_as_a_page_redirects_to_the_ticket(user, ticket):
    assert user.get(f"/tickets/{ticket.pk}/messages/")["Location"] == f"/tickets/{ticket.pk}/"


def test_ticket_with_many_messages_shows_the_newest_and_the_rest_on_request(user, ticket):
    for number in range(101):
        post_message(ticket, by=USER, body=f"Message number {number}.")
    page = text_of(user.get(f"/tickets/{ticket.pk}/"))
    assert "number 0." not in page
    assert "number 100." in page
    whole = text_of(user.get(f"/tickets/{ticket.pk}/?all"))
    assert "number 0." in whole
    poll = unescape(re.search(r'hx-get="([^"]+/messages/[^"]*)"', whole)[1])
    post_message(ticket, by=HELPDESK, body="On the way.")
    news = text_of(user.get(poll, **HTMX))
    assert "number 0." in news
    assert "On the way." in news


def test_page_shows_a_limited_number_of_messages(user, ticket, monkeypatch):
    monkeypatch.setattr(ticket_detail, "MAX_ON_REQUEST", 101)
    for number in range(102):
        post_message(ticket, by=USER, body=f"Message number {number}.")
    page = text_of(user.get(f"/tickets/{ticket.pk}/?all"))
    assert "number 0." not in page
    assert "number 1." in page
    assert "newest 101 messages. Earlier ones are available through the API" in page


def test_report_with_a_used_key_is_shown_again_with_a_new_one(user):
    assert user.post("/tickets/new/", {"description": "The tap drips", "key": "k"}).status_code == 302
    again = user.post("/tickets/new/", {"description": "The tap drips badly", "key": "k"})
    assert again.status_code == 400
    page = again.content.decode()
    assert "The tap drips badly" in page
    assert 'name="key" value="k"' not in page
