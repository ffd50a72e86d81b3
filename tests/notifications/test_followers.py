"""What followers are told by mail, and what not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from campus_helpdesk.web.secret_link.guards import link_holder
from common.errors import Invalid, NotAllowed
from common.roles import Caller
from messaging.actions import post_message
from notifications.composing import compose
from notifications.follower_mails import Addresses
from notifications.models import Delivery, Kind, Subscription
from notifications.outbox import delete_ended
from notifications.sending import send_due
from notifications.subscriptions import (
    MAX_CONFIRMATIONS,
    confirm,
    end_subscriptions,
    erase_addresses,
    subscribe_browser,
)
from tests.support.factories import HELPDESK, OTHER_USER, make_ticket, shift, with_browser
from tests.support.mail_servers import ADDRESS, make_subscription
from tickets.actions import activate_ticket, close_ticket
from tickets.following.models import SecretLink
from tickets.following.queries import find_by_secret
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
ADA = with_browser("ada")


def read_mail(ticket: Ticket) -> str:
    """All that is in the mail that waits for its only subscription."""
    mail = compose(Delivery.objects.get(subscription__ticket=ticket, kind=Kind.NEWS))
    return "\n".join([mail.subject, mail.text, mail.html, *mail.headers.values()])


def told(ticket: Ticket) -> list[str]:
    """The verbs of what waits, of all subscriptions."""
    rows = Delivery.objects.filter(ticket=ticket, kind=Kind.NEWS).order_by("created_at")
    return [event["verb"] for row in rows for event in row.events]


def test_nothing_but_the_confirmation_goes_to_an_unconfirmed_address():
    ticket = make_ticket(description="The safe code is 4711")
    subscription = make_subscription(ticket, is_confirmed=False)
    post_message(ticket, by=HELPDESK, body="On the way")
    activate_ticket(ticket, by=HELPDESK)
    delivery = Delivery.objects.get()
    assert (delivery.kind, delivery.subscription) == (Kind.CONFIRMATION, subscription)
    mail = compose(delivery)
    assert f"ticket {ticket.pk}" in mail.subject
    assert "4711" not in mail.subject + mail.text + mail.html  # the address may be a stranger's


def test_moves_and_public_messages_are_told_and_notes_are_not():
    ticket = make_ticket()
    make_subscription(ticket)
    post_message(ticket, by=HELPDESK, body="The key is under the mat", is_internal=True)
    assert told(ticket) == []
    activate_ticket(ticket, by=HELPDESK)
    post_message(ticket, by=HELPDESK, body="On the <b>way</b> & soon")
    post_message(ticket, by=HELPDESK, body="The mat is red", is_internal=True)
    assert told(ticket) == ["activated", "messaged"]
    mail = compose(Delivery.objects.get())
    assert "Hedda (helpdesk), " in mail.text
    assert "On the <b>way</b> & soon" in mail.text
    assert "On the &lt;b&gt;way&lt;/b&gt; &amp; soon" in mail.html
    assert "mat" not in mail.text + mail.html


def test_mail_about_a_closed_ticket_says_no_more_than_that():
    ticket = make_ticket("active")
    make_subscription(ticket)
    post_message(ticket, by=HELPDESK, body="The new code is 4711")
    close_ticket(ticket, by=HELPDESK)
    text = read_mail(ticket)
    assert "The helpdesk has answered." in text
    assert f"has closed ticket {ticket.pk}." in text
    assert "4711" not in text


def test_mail_shows_no_summary_of_a_closed_ticket_whose_link_shows_none(settings):
    settings.CLOSED_BY_LINK = False
    ticket = make_ticket("active", description="The safe code is 4711")
    make_subscription(ticket)
    close_ticket(ticket, by=HELPDESK)
    assert "4711" not in read_mail(ticket)


@pytest.mark.parametrize("where", ["browser", "session", "link"])
def test_nobody_is_told_what_they_did_themselves(where):
    ticket = make_ticket()
    subscription = make_subscription(ticket)
    other = make_subscription(ticket, "otto@example.edu", browser="otto")
    own = {
        "browser": ADA,
        "session": replace(OTHER_USER, browser="", session=subscription.session),
        "link": link_holder(subscription.link),
    }
    Subscription.objects.filter(pk=other.pk).update(session="another")
    post_message(ticket, by=own[where], body="I have closed the window")
    assert [row.subscription for row in Delivery.objects.filter(kind=Kind.NEWS)] == [other]


def test_mail_leads_to_the_subscriptions_own_secret_link_which_no_row_has():
    ticket = make_ticket()
    subscription = make_subscription(ticket)
    post_message(ticket, by=HELPDESK, body="On the way")
    address = Addresses().ticket(subscription)
    assert address in read_mail(ticket)
    secret = address.rstrip("/").rpartition("/")[2]
    assert find_by_secret(secret) == subscription.link
    assert not subscription.link.is_reporters
    rows = [*Delivery.objects.values(), *Subscription.objects.values()]
    assert secret not in str(rows)
    assert secret not in str(compose(Delivery.objects.get(), Addresses(is_hidden=True)))


def test_headers_keep_one_conversation_and_offer_the_end_in_one_click():
    ticket = make_ticket(description="The lift\x0bis stuck")
    make_subscription(ticket)
    post_message(ticket, by=HELPDESK, body="On the way")
    mail = compose(Delivery.objects.get())
    assert mail.subject == f"Ticket {ticket.pk}: The lift"
    assert mail.headers["References"] == mail.headers["In-Reply-To"] != Delivery.objects.get().message_id
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.headers["List-Unsubscribe"].startswith("<http://127.0.0.1/mail/unsubscribe/")


def test_browser_confirms_an_address_once():
    make_subscription(make_ticket())
    assert make_subscription(make_ticket(), ADDRESS.upper(), is_confirmed=False).confirmed_at
    other = make_subscription(make_ticket(), browser="otto", is_confirmed=False)
    assert other.confirmed_at is None


def test_form_that_is_sent_twice_sends_one_link():
    ticket = make_ticket()
    for _ in range(2):
        make_subscription(ticket, is_confirmed=False)
    assert Delivery.objects.count() == 1


def test_address_gets_few_links_a_day():
    for number in range(MAX_CONFIRMATIONS):
        make_subscription(make_ticket(), browser=f"browser {number}", is_confirmed=False)
    with pytest.raises(Invalid):
        make_subscription(make_ticket(), browser="one more", is_confirmed=False)


@pytest.mark.parametrize(
    "address",
    ["", "ada@", '"a da"@example.edu', "ada@example.edu\nBcc: x@y.edu", f"ada@{'ü' * 60}.edu", None],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(Invalid):
        make_subscription(make_ticket(), address)


def test_only_followers_subscribe():
    by: Caller = with_browser("a stranger's")
    with pytest.raises(NotAllowed):
        subscribe_browser(make_ticket(), by=by, address=ADDRESS)


def test_addresses_are_erased_a_while_after_closing_and_if_nobody_confirms(settings):
    old, new, waiting = make_ticket("active"), make_ticket("active"), make_ticket()
    for number, ticket in enumerate((old, new)):
        make_subscription(ticket, browser=f"browser {number}")
        close_ticket(ticket, by=HELPDESK)
    shift(old, timedelta(days=settings.MAIL_ADDRESS_DAYS, minutes=1))
    make_subscription(waiting, browser="otto", is_confirmed=False)
    assert erase_addresses() == 1
    Subscription.objects.filter(ticket=waiting).update(created_at=Now() - timedelta(days=4))
    assert erase_addresses() == 1
    assert [row.ticket for row in Subscription.objects.all()] == [new]
    assert {row.ticket for row in Delivery.objects.all()} == {new}


def test_subject_has_one_line():
    ticket = make_ticket(description="A \u202etrick\u202c and\x07 a bell")
    make_subscription(ticket)
    activate_ticket(ticket, by=HELPDESK)
    assert compose(Delivery.objects.get()).subject == f"Ticket {ticket.pk}: A trick and a bell"


def test_confirming_twice_makes_one_link():
    subscription = make_subscription(make_ticket(), is_confirmed=False)
    confirm(subscription)
    first = Subscription.objects.values("confirmed_at", "link").get()
    confirm(subscription)
    assert Subscription.objects.values("confirmed_at", "link").get() == first


def test_ended_deliveries_of_long_ago_are_deleted(mailbox):
    make_subscription(make_ticket(), is_confirmed=False)
    send_due()
    Delivery.objects.update(created_at=F("created_at") - timedelta(days=31))
    assert delete_ended(timedelta(days=30)) == 1


def test_unsent_deliveries_of_long_ago_are_deleted_without_a_server():
    make_subscription(make_ticket(), is_confirmed=False)
    earlier = {name: F(name) - timedelta(days=31) for name in ("created_at", "give_up_at")}
    Delivery.objects.update(**earlier)
    assert delete_ended(timedelta(days=30)) == 1


def test_unfollowing_does_not_reset_the_links_that_an_address_gets():
    ticket = make_ticket()
    for number in range(MAX_CONFIRMATIONS):
        by = make_browser_ask(ticket, f"browser {number}")
        end_subscriptions(ticket, by=by)
    with pytest.raises(Invalid):
        make_browser_ask(make_ticket(), "one more")


def make_browser_ask(ticket: Ticket, browser: str) -> Caller:
    """Later than the moment in which a second form counts as the first one."""
    make_subscription(ticket, browser=browser, is_confirmed=False)
    Delivery.objects.update(created_at=F("created_at") - timedelta(minutes=11))
    return with_browser(browser)


def test_address_that_was_erased_meanwhile_is_not_confirmed():
    subscription = make_subscription(make_ticket(), is_confirmed=False)
    Subscription.objects.all().delete()
    confirm(subscription)
    assert not SecretLink.objects.exists()


def test_address_whose_link_was_sent_late_is_not_erased_while_it_works(mailbox):
    make_subscription(make_ticket(), is_confirmed=False)
    Subscription.objects.update(created_at=Now() - timedelta(days=4))
    assert send_due() == 1
    assert erase_addresses() == 0
    Delivery.objects.update(sent_at=Now() - timedelta(days=4))
    assert erase_addresses() == 1
