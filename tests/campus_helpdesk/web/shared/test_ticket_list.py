"""The lists of both roles: who wrote last, where an internal note does not count, and their form of dates."""

import re

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from campus_helpdesk.web.shared import ticket_list
from messaging.actions import post_message
from tests.support.factories import HELPDESK, USER, make_ticket
from tests.support.pages import text_of


def last_cell(helpdesk) -> str:
    (cell,) = re.findall(r'<td class="last-message.*?</td>', text_of(helpdesk.get("/desk/")), re.DOTALL)
    return " ".join(strip_tags(cell).split())


def test_note_after_a_users_message_leaves_the_user_as_last_author(helpdesk, user):
    ticket = make_ticket()
    post_message(ticket, by=HELPDESK, body="A technician comes.")
    post_message(ticket, by=USER, body="Nobody came.")
    post_message(ticket, by=HELPDESK, body="He is ill today.", is_internal=True)
    assert last_cell(helpdesk) == "2 user, just now 1 note"
    assert "2, last by <bdi>Ursula</bdi>" in text_of(user.get("/tickets/"))


def test_ticket_with_notes_only_has_no_message_and_is_not_answered(helpdesk, user):
    ticket = make_ticket()
    post_message(ticket, by=HELPDESK, body="Spare part ordered", is_internal=True)
    post_message(ticket, by=HELPDESK, body="It comes on Monday", is_internal=True)
    assert last_cell(helpdesk) == "no message 2 notes"
    assert "last by" not in text_of(user.get("/tickets/"))
    assert ticket.summary in text_of(helpdesk.get("/desk/?is_answered=false"))


def test_note_before_an_answer_leaves_the_answer_as_last_message(helpdesk, db):
    ticket = make_ticket()
    post_message(ticket, by=HELPDESK, body="Spare part ordered", is_internal=True)
    post_message(ticket, by=HELPDESK, body="It comes on Monday.")
    assert last_cell(helpdesk) == "1 helpdesk, just now 1 note"


@pytest.mark.parametrize("path", ["/tickets/", "/desk/"])
def test_form_with_one_day_finds_the_tickets_of_that_day(helpdesk, path):
    ticket = make_ticket()
    today = f"{timezone.localdate():%Y-%m-%d}"
    dates = re.findall(r'type="date"[^>]* name="([^"]+)"', text_of(helpdesk.get(path)))
    assert len(dates) == 2
    found = text_of(helpdesk.client.get(path, dict.fromkeys(dates, today)))
    assert ticket.summary in found
    assert re.findall(r'type="date"[^>]* value="([^"]*)"', found) == [today, today]
    assert "(included)" in found


def test_day_in_the_form_replaces_an_end_in_the_address(helpdesk):
    ticket = make_ticket()
    old = "/desk/?opened_before=2020-01-01"
    assert ticket.summary not in (carrying := text_of(helpdesk.get(old)))
    assert 'type="hidden" name="opened_before" value="2020-01-01"' in carrying
    assert ticket.summary in text_of(helpdesk.get(f"{old}&opened_until=2099-12-31"))


def heading_and_title(page: str) -> tuple[str, str]:
    heading = re.search(r"<h1>(.*?)</h1>", page)[1]
    return heading, re.search(r"<title>(.*?) - Campus Helpdesk</title>", page)[1]


@pytest.mark.parametrize(
    ("path", "query", "heading", "others"),
    [
        ("/desk/", "", "Queue · All", ""),
        ("/desk/", "?status=open", "Queue · Open · 3 tickets", ""),
        ("/desk/", "?q=lamp", "3 tickets found for “lamp”", ""),
        ("/desk/", "?q=lamp&status=active", "1 ticket found for “lamp” · Active", ""),
        ("/desk/", "?q=lamp&category=it", "No tickets found for “lamp” · Technical IT", ""),
        ("/desk/", "?building=library", "1 ticket found", " · Building library"),
        ("/desk/", "?q=lamp&status=open&status=active", "3 tickets found for “lamp”", " · Open or active"),
        ("/desk/", "?q=zebra", "No tickets found for “zebra”", ""),
        ("/tickets/", "?q=lamp", "3 tickets found for “lamp”", ""),
        ("/tickets/", "?status=active", "1 ticket found · Active", ""),
        ("/tickets/", "?q=lamp&building=library", "1 ticket found for “lamp”", " · Building library"),
    ],
)
def test_heading_and_title_name_the_filters_and_the_count(helpdesk, path, query, heading, others):
    make_ticket(description="The lamp flickers", building="Library")
    make_ticket(description="The lamp hums")
    make_ticket("active", description="A lamp is dark")
    make_ticket(description="The tap drips")
    page = text_of(helpdesk.get(path + query))
    assert heading_and_title(page) == (heading, heading + others)
    assert '<div role="status">' in page.replace("\n", "").split("<h1>")[0][-60:]


@pytest.mark.parametrize("path", ["/tickets/", "/desk/"])
def test_later_pages_of_a_search_show_the_same_count(user, helpdesk, path):
    client = helpdesk if path == "/desk/" else user
    for _ in range(3):
        make_ticket()
    make_ticket("closed")
    first = client.get(f"{path}?q=lamp&page_size=2")
    later = client.get(path + first.context["page"].next)
    count = 4 if client is helpdesk else 3
    found = f"{count} tickets found for “lamp”, continued"
    assert heading_and_title(text_of(later)) == (found, found)


def test_heading_shortens_a_long_search_and_counts_up_to_a_limit(user, monkeypatch):
    monkeypatch.setattr(ticket_list, "MAX_COUNTED", 2)
    words = "exceptionally long underground corridor flickers terribly tonight " + "please " * 20
    for _ in range(3):
        make_ticket(description=words)
    heading, _ = heading_and_title(text_of(user.get(f"/tickets/?q={words}")))
    assert re.fullmatch("2\\+ tickets found for “exceptionally long .* please ?…”", heading)
    assert len(heading) < 110


def test_filters_are_collapsed_above_results(user, helpdesk):
    make_ticket(building="Library")
    for client, path in ((user, "/tickets/"), (helpdesk, "/desk/")):
        page = text_of(client.get(f"{path}?building=Library&opened_after=2020-01-01"))
        assert "Building and dates" in page
        assert not re.search(r"<details[^>]* open", page)
