"""The pages behind the links in mails."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.test import Client

from notifications.models import Delivery, Subscription
from notifications.tokens import sign_confirmation, sign_ending
from tests.support.clients import ApiClient
from tests.support.factories import HELPDESK, make_ticket
from tests.support.mail_servers import make_subscription
from tests.support.pages import text_of
from tickets.actions import close_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> ApiClient:
    """A browser without a role, with a token for forms."""
    client = Client(enforce_csrf_checks=True)
    client.get("/")
    return ApiClient(client)


def confirm_path(subscription: Subscription) -> str:
    return f"/mail/confirm/{sign_confirmation(subscription.pk)}/"


def test_opening_the_link_confirms_nothing_and_its_button_does(reader):
    subscription = make_subscription(make_ticket(), is_confirmed=False)
    page = reader.get(confirm_path(subscription))
    assert "Yes, send me news" in text_of(page)
    assert page["Referrer-Policy"] == "same-origin"
    assert not Subscription.objects.filter(confirmed_at__isnull=False).exists()
    assert "Your address is confirmed" in text_of(reader.post(confirm_path(subscription), {}))
    assert Subscription.objects.filter(confirmed_at__isnull=False).exists()


def test_old_link_confirms_nothing(reader):
    subscription = make_subscription(make_ticket(), is_confirmed=False)
    with patch("notifications.tokens.CONFIRMING", timedelta(seconds=-1)):
        assert "no longer works" in text_of(reader.post(confirm_path(subscription), {}))
    assert not Subscription.objects.filter(confirmed_at__isnull=False).exists()


def test_ticket_that_was_closed_meanwhile_has_no_more_news(reader):
    ticket = make_ticket("active")
    subscription = make_subscription(ticket, is_confirmed=False)
    close_ticket(ticket, by=HELPDESK)
    assert "is closed" in text_of(reader.post(confirm_path(subscription), {}))
    assert not Subscription.objects.filter(confirmed_at__isnull=False).exists()


@pytest.mark.parametrize("name", ["confirm", "unsubscribe"])
def test_forged_link_is_missing(reader, name):
    subscription = make_subscription(make_ticket(), is_confirmed=False)
    signed = {"confirm": sign_ending, "unsubscribe": sign_confirmation}[name](subscription.pk)
    for token in (subscription.pk.hex, signed, "x"):
        assert reader.post(f"/mail/{name}/{token}/", {}).status_code == 404
    assert Subscription.objects.count() == 1


def test_one_click_ends_the_mails_and_erases_the_address(reader):
    """As a mail program posts it: without cookies or a token, whatever the form holds."""
    subscription = make_subscription(make_ticket(), is_confirmed=False)
    path = f"/mail/unsubscribe/{sign_ending(subscription.pk)}/"
    assert "Stop these mails" in text_of(reader.get(path))
    assert Subscription.objects.count() == 1
    program = Client(enforce_csrf_checks=True)
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert (Subscription.objects.count(), Delivery.objects.count()) == (0, 0)
    assert "You get no more mails" in text_of(reader.get(path))
