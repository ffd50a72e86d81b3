"""My reports: what this browser reported or follows, and what is new about it."""

import re

import pytest
from django.db import connection

from messaging.actions import post_message
from tests.support.clients import enter
from tests.support.factories import HELPDESK, make_ticket
from tests.support.pages import count_statements, explain_reads, summaries_of, text_of
from tickets.actions import activate_ticket, close_ticket
from tickets.following.models import Follower
from tickets.models import Ticket

MINE, HTMX = "/tickets/?is_mine=true", {"HX-Request": "true"}


def report(client, text: str) -> Ticket:
    assert client.post("/tickets/new/", {"description": text}).status_code == 302
    return Ticket.objects.latest("id")


def title_of(response) -> str:
    return re.search(r"<title>(.*?)</title>", text_of(response))[1].strip()


def poll(client):
    """What a page that shows the list now gets from its next poll."""
    address = re.search(r'hx-get="(/tickets/news/[^"]*)"', client.get("/tickets/").content.decode())[1]
    return lambda: client.get(address, **HTMX)


def test_mine_has_reported_and_followed_tickets_the_newest_change_first(user):
    make_ticket(description="Of somebody else")
    followed = make_ticket(description="Followed")
    first, _ = report(user, "Reported first"), report(user, "Reported last")
    assert user.post(f"/tickets/{followed.pk}/follow/", {})["Location"] == f"/tickets/{followed.pk}/"
    post_message(first, by=HELPDESK, body="On the way")
    page = user.get(MINE)
    assert summaries_of(page) == ["Reported first", "Reported last", "Followed"]
    assert "<h1>My reports</h1>" in text_of(page)
    assert summaries_of(user.get(f"{MINE}&ordering=opened_at&q=reported")) == [
        "Reported first",
        "Reported last",
    ]
    listed = user.api("GET", "tickets/?is_mine=true").json()["results"]
    assert [ticket["id"] for ticket in listed][::2] == [first.pk, followed.pk]


def test_mine_outlives_the_session_and_belongs_to_the_browser(user):
    report(user, "The tap drips")
    user.post("/leave/", {})
    assert summaries_of(enter("user").get(MINE)) == []
    user.post("/enter/", {"role": "user"})
    assert summaries_of(user.get(MINE)) == ["The tap drips"]


def test_mine_without_a_browser_is_empty_and_says_what_appears_there(user):
    make_ticket()
    page = text_of(user.get(MINE))
    assert "Nothing here yet" in page
    assert "Forget my reports" not in page


def test_closed_ticket_that_others_reported_is_not_in_mine_and_no_news(user):
    ticket = make_ticket()
    user.post(f"/tickets/{ticket.pk}/follow/", {})
    activate_ticket(ticket, by=HELPDESK)
    close_ticket(ticket, by=HELPDESK)
    page = user.get(MINE)
    assert summaries_of(page) == []
    assert title_of(page) == "My reports - Campus Helpdesk"


def test_answer_is_news_until_the_ticket_was_shown(user):
    ticket = report(user, "The tap drips")
    assert title_of(user.get("/tickets/")) == "Tickets - Campus Helpdesk"
    post_message(ticket, by=HELPDESK, body="Spare part ordered", is_internal=True)
    assert "news" not in re.findall(r'class="tag (\w+)"', text_of(user.get("/tickets/")))
    post_message(ticket, by=HELPDESK, body="On the way")
    page = user.get(MINE)
    assert title_of(page) == "(1) My reports - Campus Helpdesk"
    assert '<span class="tag news">New</span>' in text_of(page)
    assert title_of(enter("user").get("/tickets/")) == "Tickets - Campus Helpdesk"
    user.get(f"/tickets/{ticket.pk}/")
    page = user.get(MINE)
    assert title_of(page) == "My reports - Campus Helpdesk"
    assert "New</span>" not in text_of(page)


def test_own_message_is_no_news(user):
    ticket = report(user, "The tap drips")
    answer = user.post(f"/tickets/{ticket.pk}/messages/", {"body": "Still dripping"})
    user.get(answer["Location"])
    assert title_of(user.get("/tickets/")) == "Tickets - Campus Helpdesk"


@pytest.mark.parametrize(
    ("happen", "sentence"),
    [
        (lambda ticket: post_message(ticket, by=HELPDESK, body="Coming"), "New answer from the helpdesk"),
        (lambda ticket: activate_ticket(ticket, by=HELPDESK), "Taken up by the helpdesk"),
    ],
)
def test_poll_tells_what_happened_once(user, happen, sentence):
    ticket = report(user, "The tap drips")
    ask = poll(user)
    assert ask().status_code == 204
    happen(ticket)
    news = text_of(ask())
    assert sentence in news
    assert f'href="/tickets/{ticket.pk}/"' in news
    assert 'data-count="1"' in news
    assert poll(user)().status_code == 204


def test_poll_does_not_repeat_older_news_once_the_newest_was_shown(user):
    tickets = [report(user, "The tap drips"), report(user, "The lamp flickers")]
    for ticket in tickets:
        user.get(f"/tickets/{ticket.pk}/")
        post_message(ticket, by=HELPDESK, body="Coming")
    ask = poll(user)
    user.get(f"/tickets/{tickets[1].pk}/")
    news = text_of(ask())
    assert 'data-count="1"' in news
    assert "New answer" not in news


def test_news_are_found_from_what_is_followed_and_one_ticket_is_loaded(user):
    for text in ("The tap drips", "The lamp flickers"):
        post_message(report(user, text), by=HELPDESK, body="Coming")
    plans = explain_reads(connection, user, "/tickets/new/", Follower._meta.db_table)
    assert [plan.count(" on tickets_ticket ") for plan in plans] == [1, 1]
    assert ["Aggregate" in plan for plan in plans] == [False, True]


def test_poll_without_htmx_leads_to_my_reports(user):
    assert user.get("/tickets/news/")["Location"] == MINE


def test_follow_button_becomes_unfollow(user):
    ticket = make_ticket()
    assert f'action="/tickets/{ticket.pk}/follow/"' in text_of(user.get(f"/tickets/{ticket.pk}/"))
    user.post(f"/tickets/{ticket.pk}/follow/", {})
    assert f'action="/tickets/{ticket.pk}/unfollow/"' in text_of(user.get(f"/tickets/{ticket.pk}/"))
    user.post(f"/tickets/{ticket.pk}/unfollow/", {})
    assert not Follower.objects.exists()
    mine = report(user, "The tap drips")
    assert "follow/" not in text_of(user.get(f"/tickets/{mine.pk}/"))


def test_forgotten_browser_has_no_reports(user):
    report(user, "The tap drips")
    assert "Forget my reports" in text_of(user.get(MINE))
    user.post("/tickets/forget/", {})
    assert summaries_of(user.get(MINE)) == []
    assert Follower.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 30])
def test_mine_takes_the_same_statements_for_many_tickets(user, rows):
    for number in range(rows):
        report(user, f"The tap drips {number}")
    user.get(MINE)  # shows the notices of the reports
    assert count_statements(connection, user.client, MINE) == 7
