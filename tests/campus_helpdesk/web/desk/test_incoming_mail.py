from datetime import timedelta

import pytest
from django.utils import timezone

from incoming_mail.addresses import make_reply_address
from incoming_mail.inbox import poll
from incoming_mail.models import IncomingMail, State
from incoming_mail.receiving import receive
from incoming_mail.redaction import forget_old_mails
from tests.support.mails import TEXT, mail, multipart, photo, plain
from tests.support.pages import text_of
from tickets.models import Ticket, TicketEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_storage")]


@pytest.fixture(autouse=True)
def address(settings) -> None:
    settings.INBOX_ADDRESS = "helpdesk@example.edu"


def receive_unreadable() -> IncomingMail:
    return receive(multipart("mixed", plain(), photo(), From="a@x.edu, b@x.edu", Subject="<b>Lamp</b>"))


def test_list_shows_what_became_of_each_mail(helpdesk):
    ticket = receive(mail()).ticket
    receive_unreadable()
    response = helpdesk.get("/desk/mail/")
    page = text_of(response)
    assert "ursula@example.edu" in page
    assert "Not confirmed" in page
    assert f"#{ticket.pk}" in page
    assert b"&lt;b&gt;Lamp&lt;/b&gt;" in response.content
    assert "It names no sender, or several." in page


def test_list_is_filtered_by_state_and_has_pages(helpdesk):
    IncomingMail.objects.bulk_create(
        IncomingMail(identity=str(number), subject=f"No. {number}.", state=State.IGNORED)
        for number in range(30)
    )
    receive_unreadable()
    page = text_of(helpdesk.get("/desk/mail/?state=set_aside"))
    assert "Lamp" in page
    assert "No. 1." not in page
    first = helpdesk.get("/desk/mail/?state=ignored")
    following = helpdesk.get("/desk/mail/" + first.context["page"]["next"])
    assert len(first.context["mails"]) + len(following.context["mails"]) == 30
    assert helpdesk.get("/desk/mail/?state=none").status_code == 400


@pytest.mark.parametrize("count", [1, 25])
def test_list_takes_the_same_statements_for_any_number_of_mails(helpdesk, django_assert_num_queries, count):
    for number in range(count):
        receive(mail(Message_ID=f"<{number}@x>", From=f"u{number}@example.edu"))
    helpdesk.get("/desk/mail/")
    with django_assert_num_queries(2):
        helpdesk.get("/desk/mail/")


def test_mailbox_that_cannot_be_read_is_named_with_the_reason(helpdesk, settings):
    settings.INBOX_URL = "imap://helpdesk:hunter2@127.0.0.1:1/"
    poll()
    page = text_of(helpdesk.get("/desk/mail/"))
    assert "The mailbox cannot be read" in page
    assert "Connection refused" in page
    assert "hunter2" not in page


def test_empty_list_says_so(helpdesk):
    assert "No mail has come in" in text_of(helpdesk.get("/desk/mail/"))
    assert "No mail in this state" in text_of(helpdesk.get("/desk/mail/?state=done"))


def test_helpdesk_makes_a_ticket_of_a_mail_that_was_set_aside(helpdesk):
    row = receive_unreadable()
    page = text_of(helpdesk.get(f"/desk/mail/{row.pk}/"))
    assert TEXT in page
    response = helpdesk.post(f"/desk/mail/{row.pk}/ticket/", {"description": "The lamp in H 204"})
    ticket = Ticket.objects.get()
    assert response.url == f"/desk/tickets/{ticket.pk}/"
    row.refresh_from_db()
    assert (row.state, row.ticket) == (State.DONE, ticket)
    assert row.reason.endswith(" made a ticket of it.")
    assert (ticket.description, ticket.opener_name, ticket.photos.count()) == ("The lamp in H 204", "", 1)
    assert TicketEvent.objects.get().by_role == "user"
    again = helpdesk.post(f"/desk/mail/{row.pk}/ticket/", {"description": "Twice"})
    assert (again.status_code, Ticket.objects.count()) == (409, 1)


def test_ticket_without_a_text_is_refused_and_the_mail_stays(helpdesk):
    row = receive_unreadable()
    response = helpdesk.post(f"/desk/mail/{row.pk}/ticket/", {"description": " "})
    row.refresh_from_db()
    assert (response.status_code, row.state) == (400, State.SET_ASIDE)
    assert "Must contain at least one visible character." in text_of(response)


def test_helpdesk_discards_a_mail_and_may_think_again(helpdesk):
    row = receive_unreadable()
    assert helpdesk.post(f"/desk/mail/{row.pk}/discard/", {}).url == "/desk/mail/"
    row.refresh_from_db()
    assert row.state == State.IGNORED
    assert row.reason.startswith("Discarded by ")
    assert f"/desk/mail/{row.pk}/discard/" not in text_of(helpdesk.get(f"/desk/mail/{row.pk}/"))
    assert helpdesk.post(f"/desk/mail/{row.pk}/ticket/", {"description": TEXT}).status_code == 302


def test_of_a_forgotten_mail_no_ticket_is_made(helpdesk):
    row = receive(mail(Auto_Submitted="auto-replied"))
    IncomingMail.objects.update(received_at=timezone.now() - timedelta(days=400))
    forget_old_mails()
    page = text_of(helpdesk.get(f"/desk/mail/{row.pk}/"))
    assert "Make a ticket of it" not in page
    assert "its text was erased" in page
    assert helpdesk.post(f"/desk/mail/{row.pk}/ticket/", {"description": TEXT}).status_code == 409


def test_mail_that_was_taken_in_is_not_discarded(helpdesk):
    row = receive(mail())
    assert helpdesk.post(f"/desk/mail/{row.pk}/discard/", {}).status_code == 409


def test_ticket_page_leads_the_helpdesk_to_its_mails(helpdesk, user):
    row = receive(mail())
    answer = receive(mail("Yes", To=make_reply_address(row.ticket.pk), Message_ID="<2@x>"))
    page = helpdesk.get(f"/desk/tickets/{row.ticket.pk}/")
    assert [f"/desk/mail/{one.pk}/" in page.content.decode() for one in (row, answer)] == [True, True]
    assert "Sender not confirmed" in text_of(page)
    assert "The whole text" in text_of(helpdesk.get(f"/desk/mail/{answer.pk}/"))
    for seen in (user.get(f"/tickets/{row.ticket.pk}/"), helpdesk.get(f"/tickets/{row.ticket.pk}/")):
        assert "By mail" not in text_of(seen)
    shown = (
        user.get(f"/api/v1/tickets/{row.ticket.pk}/").content + user.get(f"/tickets/{row.ticket.pk}/").content
    )
    assert b"ursula@example.edu" not in shown


def test_users_see_no_mail(user):
    row = receive(mail())
    assert {user.get(path).status_code for path in ("/desk/mail/", f"/desk/mail/{row.pk}/")} == {403}
