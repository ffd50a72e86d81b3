"""Answers by mail to the mails that were sent: both halves together, with a real mail server between."""

from email.message import EmailMessage

import pytest
from django.db.models.functions import Now

from incoming_mail.models import State
from incoming_mail.receiving import receive
from messaging.actions import post_message
from messaging.models import Message
from notifications.models import Delivery
from notifications.sending import send_due
from tests.support.factories import HELPDESK, make_ticket
from tests.support.mail_servers import ADDRESS, make_subscription
from tickets.actions import activate_ticket, close_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(settings) -> None:
    settings.INBOX_ADDRESS = "helpdesk@example.edu"


def send_news(ticket: Ticket) -> None:
    make_subscription(ticket)
    post_message(ticket, by=HELPDESK, body="Which lamp is it?")
    Delivery.objects.update(next_try_at=Now())
    assert send_due() == 1


def answer(mail: EmailMessage, **headers: str) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = (
        f"Ada <{ADDRESS}>",
        f"Re: {mail['Subject']}",
        "<a@home>",
    )
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("The one by the door.\n\n> Which lamp is it?\n")
    return made.as_bytes()


@pytest.mark.usefixtures("inbox")
def test_answer_to_the_reply_address_becomes_a_message(mailbox):
    ticket = make_ticket("active")
    send_news(ticket)
    (mail,) = mailbox.mails
    row = receive(answer(mail, To=mail["Reply-To"]))
    assert (row.state, row.ticket) == (State.DONE, ticket)
    assert Message.objects.latest("pk").body == "The one by the door."


@pytest.mark.usefixtures("inbox")
def test_answer_to_the_message_id_becomes_a_message(mailbox):
    """A program that ignores Reply-To."""
    ticket = make_ticket("active")
    send_news(ticket)
    (mail,) = mailbox.mails
    row = receive(answer(mail, To="helpdesk@example.edu", In_Reply_To=mail["Message-ID"]))
    assert row.ticket == ticket
    assert Ticket.objects.count() == 1


@pytest.mark.usefixtures("inbox")
def test_own_mail_that_comes_back_becomes_nothing(mailbox):
    send_news(make_ticket("active"))
    row = receive(mailbox.mails[0].as_bytes())
    assert row.state == State.IGNORED
    assert (Ticket.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.usefixtures("inbox")
def test_news_of_a_closed_ticket_asks_for_no_answer(mailbox):
    ticket = make_ticket()
    activate_ticket(ticket, by=HELPDESK)
    make_subscription(ticket)
    close_ticket(ticket, by=HELPDESK)
    Delivery.objects.update(next_try_at=Now())
    send_due()
    assert "Reply-To" not in mailbox.mails[0]


def test_news_has_no_reply_address_without_an_inbox(mailbox):
    send_news(make_ticket("active"))
    assert "Reply-To" not in mailbox.mails[0]
