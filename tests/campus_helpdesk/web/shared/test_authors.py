"""Somebody who uses the name "Helpdesk" is recognised by their role, wherever a name is shown."""

import re

import pytest
from django.utils.html import strip_tags

from common.roles import Caller, Role
from tests.support.clients import ApiClient, enter
from tests.support.factories import HELPDESK, make_ticket
from tests.support.pages import text_of
from tickets.models import Ticket


def words_of(answer) -> str:
    """The page's text, without its markup."""
    return re.sub(r"\s+", " ", strip_tags(text_of(answer)))


@pytest.fixture
def impostor(db) -> ApiClient:
    return enter("user", "Helpdesk")


@pytest.fixture
def ticket(impostor) -> Ticket:
    """Reported, edited, categorised and answered by a user of this name."""
    number = impostor.api("POST", "tickets/", {"description": "The tap drips"}).json()["id"]
    impostor.api("PATCH", f"tickets/{number}/", {"room": "1"}, If_Match='"1"')
    impostor.api("PATCH", f"tickets/{number}/", {"category": "it"}, If_Match='"2"')
    impostor.api("POST", f"tickets/{number}/messages/", {"body": "We come on Monday."})
    return Ticket.objects.get(pk=number)


@pytest.mark.parametrize("address", ["/tickets/{}/", "/desk/tickets/{}/"])
def test_ticket_shows_the_role_of_every_author(ticket, helpdesk, address):
    page = words_of(helpdesk.get(address.format(ticket.pk)))
    assert "Helpdesk (user) reported" in page
    for verb in ("Opened", "Edited", "Category chosen", "Message"):
        assert f"{verb} by Helpdesk (user)" in page
    assert len(re.findall(r"Helpdesk \(user\)", page)) == 6
    assert not re.search(r"(by |^)Helpdesk (?!\(user\))(just|reported)", page)


def test_list_shows_the_role_of_the_last_author(ticket, user):
    assert "1, last by Helpdesk (user)" in words_of(user.get("/tickets/"))


def test_notice_about_a_correction_shows_the_role_of_its_author(ticket, helpdesk):
    form = {"category": "it", "version": 2}
    page = words_of(helpdesk.post(f"/desk/tickets/{ticket.pk}/category/", form, follow=True))
    assert "is already in category Technical IT: Helpdesk (user) chose it" in page


def test_helpdesk_is_shown_as_the_helpdesk(user):
    nameless = Caller(Role.HELPDESK, session="of-the-helpdesk")
    reported = make_ticket(by=nameless), make_ticket(by=HELPDESK)
    pages = [words_of(user.get(f"/tickets/{ticket.pk}/")) for ticket in reported]
    assert "The helpdesk reported" in pages[0]
    assert "Hedda (helpdesk) reported" in pages[1]
