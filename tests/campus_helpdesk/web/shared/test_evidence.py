"""The words that decided a ticket's category, marked on its page."""

import pytest

from tests.support.factories import HELPDESK, make_ticket
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
