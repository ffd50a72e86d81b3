"""News by mail: the address on the report form, on the pages of followers, at the desk."""

import pytest

from notifications.models import Delivery, Kind, Subscription
from notifications.subscriptions import confirm
from tests.support.factories import HELPDESK, make_secret, make_ticket
from tests.support.mail_servers import ADDRESS, make_subscription
from tests.support.pages import text_of
from tickets.actions import activate_ticket, close_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_server(settings) -> None:
    settings.EMAIL_HOST = "mail.example.edu"


def report(client, **fields):
    return client.post("/tickets/new/", {"description": "The lift is stuck", **fields})


def test_report_with_an_address_asks_to_confirm_it(user):
    sent = report(user, email=f" {ADDRESS} ")
    subscription = Subscription.objects.get()
    assert (subscription.address, subscription.is_reporters) == (ADDRESS, True)
    assert Delivery.objects.get().kind == Kind.CONFIRMATION
    page = text_of(user.get(sent["Location"]))
    assert "Open the link to get news of this ticket by mail" in page
    assert ADDRESS not in page


def test_page_says_so_if_the_site_sends_no_mail(user, settings):
    settings.EMAIL_HOST = ""
    assert "This site sends no mail yet" in text_of(user.get(report(user, email=ADDRESS)["Location"]))


def test_report_with_a_wrong_address_changes_nothing_and_keeps_the_text(user):
    refused = report(user, email="ada")
    assert refused.status_code == 400
    assert "The lift is stuck" in text_of(refused)
    assert "like name@example.edu" in text_of(refused)
    assert not Ticket.objects.exists()


def test_follower_gives_an_address_on_the_tickets_page(user):
    ticket = make_ticket()
    path = f"/tickets/{ticket.pk}/"
    assert "News by mail" not in text_of(user.get(path))
    assert user.post(f"{path}mail/", {"email": ADDRESS}).status_code == 403
    user.post(f"{path}follow/", {})
    assert "News by mail" in text_of(user.get(path))
    refused = user.post(f"{path}mail/", {"email": "ada"})
    assert refused.status_code == 400
    assert "like name@example.edu" in text_of(refused)
    assert user.post(f"{path}mail/", {"email": ADDRESS})["Location"] == path
    assert "Open the link to get news of this ticket by mail" in text_of(user.get(path))
    confirm(Subscription.objects.get())
    assert "You get news of this ticket by mail." in text_of(user.get(path))
    link = Subscription.objects.get().link
    user.post(f"{path}unfollow/", {})
    assert not Subscription.objects.exists()
    link.refresh_from_db()
    assert link.revoked_at


def test_holder_of_a_secret_link_gives_an_address(user):
    secret = make_secret(make_ticket())
    refused = user.post(f"/t/{secret}/mail/", {"email": "ada"})
    assert refused.status_code == 400
    assert "like name@example.edu" in text_of(refused)
    asked = user.post(f"/t/{secret}/mail/", {"email": ADDRESS})
    assert "Open the link to get news of this ticket by mail" in text_of(user.get(asked["Location"]))
    assert Subscription.objects.get().is_reporters


def test_closed_ticket_takes_no_address(user):
    ticket = make_ticket()
    secret = make_secret(ticket)
    assert "News by mail" in text_of(user.get(f"/t/{secret}/"))
    close_ticket(activate_ticket(ticket, by=HELPDESK), by=HELPDESK)
    assert "News by mail" not in text_of(user.get(f"/t/{secret}/"))
    assert user.post(f"/t/{secret}/mail/", {"email": ADDRESS}).status_code == 409
    assert user.post(f"/tickets/{ticket.pk}/mail/", {"email": ADDRESS}).status_code == 404


def test_only_the_helpdesk_sees_addresses(user, helpdesk):
    ticket = make_ticket()
    make_subscription(ticket, is_confirmed=False)
    assert f"{ADDRESS}</bdi> (not confirmed yet)" in text_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))
    user.post(f"/tickets/{ticket.pk}/follow/", {})
    pages = [user.get(f"/tickets/{ticket.pk}/"), user.get(f"/tickets/{ticket.pk}/sent/")]
    pages += [user.api("GET", f"tickets/{ticket.pk}/"), helpdesk.get(f"/tickets/{ticket.pk}/")]
    assert not [page for page in pages if ADDRESS in page.content.decode()]


def test_nobody_finds_out_whose_address_gets_news(user):
    ticket = make_ticket()
    make_subscription(ticket)
    path = f"/tickets/{ticket.pk}/"
    user.post(f"{path}follow/", {})
    user.post(f"{path}mail/", {"email": ADDRESS})
    assert "You get news of this ticket by mail." not in text_of(user.get(path))
