"""A ticket's page that stays open: what its poll returns for each role."""

import re
from html import unescape

import pytest
from django.utils.html import strip_tags

from common.roles import Caller, Role
from messaging.actions import post_message
from tests.support.clients import ApiClient, enter
from tests.support.factories import HELPDESK, USER, make_ticket
from tests.support.pages import text_of, value_of
from tests.support.second_readings import read_again
from tickets.actions import activate_ticket, close_ticket, correct_category, repair_ticket
from tickets.models import Ticket

HTMX = {"HX-Request": "true"}
ANNA = Caller(Role.HELPDESK, name="Anna", session="session-of-anna")


@pytest.fixture
def ticket(db) -> Ticket:
    return make_ticket(description="The lift is stuck")


def open_page(client: ApiClient, path: str) -> str:
    """The address at which the page polls."""
    return unescape(re.search(r'hx-get="([^"]+/messages/[^"]*)"', client.get(path).content.decode())[1])


def moved(news: str) -> list[str]:
    """What the poll says about a move."""
    found = re.findall(r'<span id="ticket-moved".*?</span>', news, re.DOTALL)
    return [strip_tags(part) for part in found]


def test_poll_brings_status_button_and_version_to_the_desk(helpdesk, ticket):
    poll = open_page(helpdesk, f"/desk/tickets/{ticket.pk}/")
    activate_ticket(ticket, by=ANNA)
    answer = helpdesk.get(poll, **HTMX)
    news = text_of(answer)
    assert moved(news) == ["Anna took it up just now"]
    assert f'action="/desk/tickets/{ticket.pk}/close/"' in news
    assert "/activate/" not in news
    assert value_of(answer, "version") == "2"
    assert "status-active" in news
    close_ticket(ticket, by=HELPDESK)
    closed = text_of(helpdesk.get(poll, **HTMX))
    assert moved(closed) == ["Hedda closed it just now"]
    assert "/close/" not in closed
    assert "/edit/" not in closed


def test_poll_brings_status_and_buttons_to_the_users_page(user, helpdesk, ticket):
    polls = {client: open_page(client, f"/tickets/{ticket.pk}/") for client in (user, helpdesk)}
    activate_ticket(ticket, by=ANNA)
    for client, poll in polls.items():
        news = text_of(client.get(poll, **HTMX))
        assert moved(news) == ["Anna took it up just now"]
        assert f"/tickets/{ticket.pk}/edit/" in news
        forms = re.findall(r'action="([^"]*)"', news.split('id="ticket-actions"')[1].split("</div>")[0])
        assert forms == [f"/tickets/{ticket.pk}/follow/"]


def test_poll_without_a_move_leaves_the_buttons_alone(helpdesk, ticket):
    poll = open_page(helpdesk, f"/desk/tickets/{ticket.pk}/")
    post_message(ticket, by=USER, body="Still stuck")
    correct_category(ticket, by=ANNA, category="services", version=1)
    news = helpdesk.get(poll, **HTMX)
    assert value_of(news, "version") == "2"
    assert "Still stuck" in text_of(news)
    assert "ticket-actions" not in text_of(news)


def test_next_steps_are_shown_until_an_answer_that_is_not_a_note(db):
    ursula = enter("user", "Ursula")
    sent = ursula.post("/tickets/new/", {"description": "The tap drips"})["Location"]
    path = sent.removesuffix("sent/")
    ticket, poll = Ticket.objects.get(), open_page(ursula, path)
    assert "What happens next" in text_of(ursula.get(path))
    assert "What happens next" not in text_of(enter("user", "Otto").get(path))
    post_message(ticket, by=HELPDESK, body="Ask the plumber", is_internal=True)
    assert "What happens next" in text_of(ursula.get(path))
    post_message(ticket, by=HELPDESK, body="A plumber comes today.")
    assert "What happens next" not in text_of(ursula.get(path))
    news = text_of(ursula.get(poll, **HTMX))
    assert "A plumber comes today." in news
    assert "What happens next" not in news


def test_history_uses_labels_for_events_roles_and_values(helpdesk, ticket):
    nameless = Caller(Role.HELPDESK, session="of-the-helpdesk")
    correct_category(ticket, by=nameless, category="it", version=1)
    activate_ticket(ticket, by=nameless)
    post_message(ticket, by=USER, body="Still stuck")
    post_message(ticket, by=HELPDESK, body="Ask the plumber", is_internal=True)
    repair_ticket(ticket, by=HELPDESK, reason="It was missing", changes={"building": "Library"})
    page = text_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))
    history = " ".join(strip_tags(page.split('<ol class="history">')[1].split("</ol>")[0]).split())
    for entry in (
        "Category chosen by the helpdesk just now Category: Facility management → Technical IT",
        "Taken up by the helpdesk just now Status: Open → Active",
        "Message by Ursula (user) just now",
        "Internal note by Hedda (helpdesk) just now",
        "Data corrected by Hedda (helpdesk) just now: It was missing Building: empty → Library",
    ):
        assert entry in history


def test_history_says_that_the_system_read_a_ticket_again(helpdesk, ticket):
    read_again(ticket, "services")
    page = text_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))
    assert "Second opinion by the system" in " ".join(strip_tags(page).split())
