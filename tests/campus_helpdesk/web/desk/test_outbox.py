"""The outbox at the desk."""

import pytest
from django.db import connection
from django.db.models.functions import Now

from messaging.actions import post_message
from notifications.models import Delivery, State
from tests.support.factories import HELPDESK, make_ticket
from tests.support.mail_servers import ADDRESS, make_subscription
from tests.support.pages import count_statements, text_of

pytestmark = pytest.mark.django_db
SERVER = "mail.example.edu"


def make_delivery(number: int = 0, **columns) -> Delivery:
    ticket = make_ticket(description="The lift is stuck")
    subscription = make_subscription(ticket, browser=f"browser {number}")
    post_message(ticket, by=HELPDESK, body="A technician is on the way.")
    rows = Delivery.objects.filter(subscription=subscription)
    rows.update(**columns)
    return rows.get()


def test_empty_outbox_says_so(helpdesk):
    page = text_of(helpdesk.get("/desk/outbox/"))
    assert "Nothing has been sent yet" in page
    assert "No mail server is set." in page


def test_list_is_paged_and_takes_as_many_statements_for_one_as_for_thirty(helpdesk):
    make_delivery()
    one = count_statements(connection, helpdesk, "/desk/outbox/")
    for number in range(1, 30):
        make_delivery(number)
    assert count_statements(connection, helpdesk, "/desk/outbox/") == one
    first = helpdesk.get("/desk/outbox/")
    assert text_of(first).count(ADDRESS) == 25
    second = helpdesk.get("/desk/outbox/" + first.context["page"]["next"])
    assert text_of(second).count(ADDRESS) == 5


def test_states_filter_the_list(helpdesk):
    make_delivery(state=State.FAILED, last_error="The mail server answered 550: unknown")
    assert "answered 550: unknown" in text_of(helpdesk.get("/desk/outbox/?state=failed"))
    assert "Nothing in this state" in text_of(helpdesk.get("/desk/outbox/?state=sent"))
    for query in ("state=lost", "order=1", "cursor=x"):
        assert helpdesk.get(f"/desk/outbox/?{query}").status_code == 400


def test_without_a_server_the_mail_is_read_with_its_links(helpdesk):
    delivery = make_delivery()
    assert "Not sent: no mail server is set." in text_of(helpdesk.get("/desk/outbox/"))
    page = text_of(helpdesk.get(f"/desk/outbox/{delivery.pk}/"))
    assert "A technician is on the way." in page
    assert "/mail/unsubscribe/" in page
    assert "Try again" not in page


def test_with_a_server_only_the_recipient_gets_the_links(helpdesk, settings):
    settings.EMAIL_HOST = SERVER
    page = text_of(helpdesk.get(f"/desk/outbox/{make_delivery().pk}/"))
    assert "A technician is on the way." in page
    assert "/mail/unsubscribe/" not in page
    assert "/t/" not in page


def test_refused_delivery_is_tried_again(helpdesk, settings):
    settings.EMAIL_HOST = SERVER
    delivery = make_delivery(state=State.FAILED, last_error="The mail server answered 550: full")
    path = f"/desk/outbox/{delivery.pk}/"
    assert "Try again" in text_of(helpdesk.get(path))
    assert helpdesk.post(f"{path}retry/", {})["Location"] == path
    assert Delivery.objects.due().get() == delivery
    Delivery.objects.update(state=State.SENT, sent_at=Now())
    helpdesk.post(f"{path}retry/", {})
    assert not Delivery.objects.due().exists()
