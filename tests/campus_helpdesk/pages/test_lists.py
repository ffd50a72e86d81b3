"""The lists of both roles: who wrote last, where an internal note is no message, and their form of dates."""

import re

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from messaging.actions import post_message
from tests.campus_helpdesk.reading import text_of
from tests.factories import HELPDESK, USER, make_ticket


def last_cell(helpdesk) -> str:
    (cell,) = re.findall(r'<td class="last.*?</td>', text_of(helpdesk.get("/desk/")), re.DOTALL)
    return " ".join(strip_tags(cell).split())


def test_note_after_a_users_message_leaves_the_user_the_last_who_wrote(helpdesk, user):
    ticket = make_ticket()
    post_message(ticket, by=HELPDESK, body="A technician comes.")
    post_message(ticket, by=USER, body="Nobody came.")
    post_message(ticket, by=HELPDESK, body="He is ill today.", is_internal=True)
    assert last_cell(helpdesk) == "2 user, just now 1 note"
    assert "2, last by Ursula" in text_of(user.get("/tickets/"))


def test_ticket_with_notes_alone_has_no_message_and_is_not_answered(helpdesk, user):
    ticket = make_ticket()
    post_message(ticket, by=HELPDESK, body="Spare part ordered", is_internal=True)
    post_message(ticket, by=HELPDESK, body="It comes on Monday", is_internal=True)
    assert last_cell(helpdesk) == "no message 2 notes"
    assert "last by" not in text_of(user.get("/tickets/"))
    assert ticket.summary in text_of(helpdesk.get("/desk/?is_answered=false"))


def test_note_before_an_answer_leaves_the_answer_the_last_message(helpdesk, db):
    ticket = make_ticket()
    post_message(ticket, by=HELPDESK, body="Spare part ordered", is_internal=True)
    post_message(ticket, by=HELPDESK, body="It comes on Monday.")
    assert last_cell(helpdesk) == "1 helpdesk, just now 1 note"


@pytest.mark.parametrize("path", ["/tickets/", "/desk/"])
def test_form_of_one_day_shows_that_days_tickets(helpdesk, path):
    ticket = make_ticket()
    today = f"{timezone.localdate():%Y-%m-%d}"
    dates = re.findall(r'type="date"[^>]* name="([^"]+)"', text_of(helpdesk.get(path)))
    assert len(dates) == 2
    found = text_of(helpdesk.client.get(path, dict.fromkeys(dates, today)))
    assert ticket.summary in found
    assert re.findall(r'type="date"[^>]* value="([^"]*)"', found) == [today, today]
    assert "(included)" in found


def test_day_of_the_form_replaces_an_end_that_the_address_carries(helpdesk):
    ticket = make_ticket()
    old = "/desk/?opened_before=2020-01-01"
    assert ticket.summary not in (carrying := text_of(helpdesk.get(old)))
    assert 'type="hidden" name="opened_before" value="2020-01-01"' in carrying
    assert ticket.summary in text_of(helpdesk.get(f"{old}&opened_until=2099-12-31"))
