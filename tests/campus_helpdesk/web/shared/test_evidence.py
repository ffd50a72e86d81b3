"""The words that decided a ticket's category, marked on its page."""

import pytest

from tests.support.factories import HELPDESK, make_ticket
from tests.support.pages import text_of
from tests.support.second_readings import make_moved_ticket, read_again
from tickets.actions import correct_category

HTMX = {"HX-Request": "true"}
TWO_TOPICS = "The radiator in my office leaks. The printer does not print any page either."


@pytest.fixture
def ticket(db):
    return make_ticket(description="The lift is <b>stuck</b>")


@pytest.mark.parametrize("area", ["tickets", "desk/tickets"])
def test_ticket_marks_the_words_that_decided_and_escapes_the_text(helpdesk, ticket, area):
    page = helpdesk.get(f"/{area}/{ticket.pk}/").content.decode()
    assert "The <mark>lift</mark> is &lt;b&gt;<mark>stuck</mark>&lt;/b&gt;" in page


def test_ticket_with_a_corrected_category_marks_nothing(helpdesk, ticket):
    correct_category(ticket, by=HELPDESK, category="services", version=1)
    page = helpdesk.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    assert "The lift is &lt;b&gt;stuck&lt;/b&gt;" in page


def test_ticket_says_that_its_whole_text_decided(helpdesk, ticket):
    page = text_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))
    assert "Chosen from these words" in page
    read_again(ticket, "services")
    page = text_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))
    assert "A second opinion on the whole text decided.</p>" in page
    assert "These words agree" in page
    assert "<strong>Second opinion</strong> by the system" in page
    assert "Chosen from these words" not in page
    correct_category(ticket, by=HELPDESK, category="services", version=2)
    assert "decided.</p>" not in text_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))


def test_ticket_names_its_precedent_to_the_helpdesk_alone(helpdesk, user, ticket):
    precedent = make_moved_ticket("The lift is dark", to="services")
    read_again(ticket, "services", precedent=precedent.pk)
    link = f'Like <a href="/desk/tickets/{precedent.pk}/">ticket {precedent.pk}</a>, which staff moved.'
    assert link in " ".join(helpdesk.get(f"/desk/tickets/{ticket.pk}/").content.decode().split())
    page = text_of(user.get(f"/tickets/{ticket.pk}/"))
    assert "Like an earlier ticket, which staff moved." in page
    assert f"ticket {precedent.pk}," not in page


def test_ticket_with_two_topics_names_the_other_one_until_it_is_corrected(helpdesk, db):
    ticket = make_ticket(description=TWO_TOPICS)
    assert ticket.triage_is_mixed
    assert {ticket.category, ticket.triage_runner_up} == {"facility", "it"}
    path = f"/desk/tickets/{ticket.pk}/"
    assert f"Also about: {ticket.get_triage_runner_up_display()}" in helpdesk.get(path).content.decode()
    correct_category(ticket, by=HELPDESK, category=ticket.category, version=1)
    assert "Also about" not in helpdesk.get(path).content.decode()


def test_ticket_with_one_topic_names_no_other(helpdesk, ticket):
    assert "Also about" not in helpdesk.get(f"/desk/tickets/{ticket.pk}/").content.decode()


def test_report_form_names_two_topics_during_typing(user):
    guess = user.post("/tickets/new/category/", {"description": TWO_TOPICS}, headers=HTMX)
    assert "Also about: " in guess.content.decode()
