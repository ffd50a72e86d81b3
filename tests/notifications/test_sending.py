"""The outbox with a real mail server."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from messaging.actions import post_message
from notifications.channels.mail import Mail
from notifications.models import Delivery, State
from notifications.outbox import GIVING_UP, add_news, claim_next, find_delay, mark_sent, try_again
from notifications.sending import send_due
from notifications.subscriptions import unsubscribe
from tests.support.factories import HELPDESK, make_ticket
from tests.support.mail_servers import ADDRESS, make_subscription
from tickets.actions import activate_ticket, close_ticket

pytestmark = pytest.mark.django_db


def make_delivery(address: str = ADDRESS, browser: str = "ada") -> Delivery:
    ticket = make_ticket()
    subscription = make_subscription(ticket, address, browser=browser)
    post_message(ticket, by=HELPDESK, body="A technician is on the way.")
    make_due()
    return subscription.deliveries.get()


def make_due() -> None:
    """As if two minutes, or the next delay, had passed."""
    Delivery.objects.update(next_try_at=Now())


def test_events_of_two_minutes_are_one_mail(mailbox):
    ticket = make_ticket()
    make_subscription(ticket)
    activate_ticket(ticket, by=HELPDESK)
    post_message(ticket, by=HELPDESK, body="A technician is on the way.")
    assert send_due() == 0  # more may happen
    make_due()
    assert send_due() == 1
    (mail,) = mailbox.mails
    text = mail.get_body(("plain",)).get_content()
    assert "has taken up ticket" in text
    assert "A technician is on the way." in text
    post_message(ticket, by=HELPDESK, body="He is there.")
    make_due()
    send_due()
    assert len(mailbox.mails) == 2
    assert "technician" not in mailbox.mails[1].get_body(("plain",)).get_content()


def test_sent_delivery_is_not_sent_again(mailbox):
    delivery = make_delivery()
    assert send_due() == 1
    make_due()
    assert send_due() == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.last_error) == (State.SENT, 1, "")
    assert delivery.sent_at is not None
    assert not try_again(delivery)


def test_server_that_says_later_is_asked_again(mailbox):
    delivery = make_delivery()
    mailbox.answers = ["451 4.3.0 Come back later"]
    assert send_due() == 0
    delivery.refresh_from_db()
    assert delivery.state == State.WAITING
    assert delivery.last_error == "The mail server answered 451: Come back later"
    assert timedelta(0) < delivery.next_try_at - delivery.created_at
    assert send_due() == 0  # not yet
    make_due()
    assert send_due() == 1
    assert mailbox.mails[0]["Message-ID"] == delivery.message_id


def test_refused_recipient_is_not_tried_again_and_stops_nobody(mailbox):
    refused, other = make_delivery("gone@example.edu", "otto"), make_delivery()
    mailbox.refused["gone@example.edu"] = "550 5.1.1 <gone@example.edu>: no such mailbox"
    assert send_due() == 1
    refused.refresh_from_db()
    assert refused.state == State.FAILED
    assert refused.last_error == "The mail server answered 550: <the address>: no such mailbox"
    other.refresh_from_db()
    assert other.state == State.SENT


def test_unreachable_server_costs_one_delivery_an_attempt(settings):
    make_delivery()
    make_delivery()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert send_due() == 0
    tried = Delivery.objects.get(attempts=1)
    assert tried.last_error == "The mail server cannot be reached: Connection refused."
    assert Delivery.objects.due().count() == 1


def test_server_that_was_away_for_an_hour_gets_each_mail_once(mailbox, settings):
    for number in range(5):
        make_delivery(f"{number}@example.edu", f"browser {number}")
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for _minute in range(60):
        make_minutes_pass(1)
        assert send_due() == 0
    settings.EMAIL_PORT = port
    make_minutes_pass(64)
    assert send_due() == 5
    assert sorted(mailbox.recipients) == [f"{number}@example.edu" for number in range(5)]


def make_minutes_pass(minutes: int) -> None:
    earlier = {name: F(name) - timedelta(minutes=minutes) for name in ("next_try_at", "give_up_at")}
    Delivery.objects.update(**earlier)


def test_unsent_delivery_is_given_up_after_three_days_and_can_be_tried_again(mailbox):
    delivery = make_delivery()
    Delivery.objects.update(give_up_at=F("give_up_at") - GIVING_UP)
    assert send_due() == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (State.GIVEN_UP, "Not sent within three days.")
    assert try_again(delivery)
    assert send_due() == 1


def test_without_a_server_everything_waits(settings, mailoutbox):
    settings.EMAIL_HOST = ""
    delivery = make_delivery()
    assert send_due() == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, mailoutbox) == (State.WAITING, 0, [])


def test_what_waits_for_a_server_is_not_given_up(settings, mailoutbox):
    settings.EMAIL_HOST = ""
    delivery = make_delivery()
    make_minutes_pass(4 * 24 * 60)
    send_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (State.WAITING, "")


def test_event_that_joins_an_old_mail_has_three_days_of_its_own(mailbox):
    delivery = make_delivery()
    make_minutes_pass(4 * 24 * 60)  # the server was away
    post_message(delivery.ticket, by=HELPDESK, body="He is there.")
    assert send_due() == 1
    assert "He is there." in mailbox.mails[0].get_body(("plain",)).get_content()


def test_event_takes_as_many_statements_for_many_followers(django_assert_num_queries):
    ticket = make_ticket()
    subscriptions = [make_subscription(ticket, f"{n}@example.edu", browser=f"b{n}") for n in range(3)]
    with django_assert_num_queries(2):
        add_news(subscriptions, {"verb": "activated"})
    with django_assert_num_queries(2):
        add_news(subscriptions, {"verb": "activated"})
    assert [len(row.events) for row in Delivery.objects.all()] == [2, 2, 2]


def test_attempt_of_a_dead_process_is_made_again_with_the_same_message_id(mailbox):
    delivery = make_delivery()
    dead = claim_next()
    assert claim_next() is None  # the lease
    make_due()
    assert send_due() == 1
    mark_sent(dead)  # it lived after all
    delivery.refresh_from_db()
    assert (delivery.attempts, mailbox.mails[0]["Message-ID"]) == (2, delivery.message_id)


def test_mail_that_cannot_be_written_does_not_stop_the_others(mailbox, monkeypatch, caplog):
    make_delivery("0@example.edu", "otto")
    make_delivery()
    written = iter([ValueError("a fault"), Mail("Subject", "Text", "<p>Text</p>")])

    def compose(delivery: Delivery) -> Mail:
        if isinstance(mail := next(written), Exception):
            raise mail
        return mail

    monkeypatch.setattr("notifications.sending.compose", compose)
    assert send_due() == 1
    waiting = Delivery.objects.waiting().get()
    assert waiting.last_error.startswith("The mail could not be written")
    assert "example.edu" not in caplog.text


def test_who_ended_the_mails_a_moment_ago_gets_none(mailbox, monkeypatch, caplog):
    delivery = make_delivery()

    def claim() -> Delivery | None:
        claimed = claim_next()
        unsubscribe(delivery.subscription)
        monkeypatch.undo()
        return claimed

    monkeypatch.setattr("notifications.sending.claim_next", claim)
    assert send_due() == 0
    assert (mailbox.mails, caplog.records) == ([], [])


def test_mail_that_cannot_be_sent_does_not_stop_the_others(mailbox, caplog):
    bad = make_delivery("0@example.edu", "otto")
    make_delivery()
    Delivery.objects.filter(pk=bad.pk).update(recipient=f"secret@{'ü' * 60}.edu", next_try_at=bad.created_at)
    assert send_due() == 1
    assert Delivery.objects.waiting().get().last_error.startswith("The mail could not be written")
    assert "secret@" not in caplog.text


def test_server_that_ends_the_connection_costs_one_delivery(mailbox):
    make_delivery("0@example.edu", "otto")
    make_delivery()
    mailbox.answers = ["421 4.3.2 Shutting\x00 down"]
    assert send_due() == 0
    tried = Delivery.objects.get(attempts=1)
    assert tried.last_error == "The mail server answered 421: Shutting down"


def test_delays_double_up_to_six_hours():
    minutes = [find_delay(attempts) / timedelta(minutes=1) for attempts in (1, 2, 3, 9, 10, 1000)]
    assert minutes == [1, 2, 4, 256, 360, 360]


def test_closed_ticket_is_announced_once(mailbox):
    ticket = make_ticket("active")
    make_subscription(ticket)
    close_ticket(ticket, by=HELPDESK)
    make_due()
    assert send_due() == 1
    assert f"has closed ticket {ticket.pk}." in mailbox.mails[0].get_body(("plain",)).get_content()
