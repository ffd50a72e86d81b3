"""The secret link of one's own report: after sending, and again in the browser that reported it."""

import re

import pytest

from messaging.redaction import redact_ticket
from tests.support.clients import enter
from tests.support.factories import HELPDESK, make_ticket
from tests.support.pages import text_of
from tickets.actions import activate_ticket, close_ticket
from tickets.following.models import Feedback, Follower, SecretLink
from tickets.models import Ticket

MINE = "/tickets/?is_mine=true"


def report(client, text: str = "The lift is stuck") -> tuple[Ticket, str]:
    """The ticket, and the page after sending."""
    address = client.post("/tickets/new/", {"description": text})["Location"]
    return Ticket.objects.latest("id"), address


def link_on(page) -> str:
    """The path of the secret link that a page shows; empty if it shows none."""
    found = re.search(r"(?:http://testserver)?(/t/[^/\"]+/)", text_of(page))
    return found[1] if found else ""


def test_page_after_sending_has_number_next_steps_and_secret_link(user):
    ticket, address = report(user)
    assert address == f"/tickets/{ticket.pk}/sent/"
    page = user.get(address)
    for text in (f"You sent this as ticket {ticket.pk}", "What happens next", "Your secret link", "<svg"):
        assert text in text_of(page)
    assert "The lift is stuck" in text_of(enter("helpdesk").get(link_on(page)))


def test_secret_link_is_shown_again_to_the_browser_and_to_no_other(user):
    ticket, address = report(user)
    link = link_on(user.get(address))
    user.post("/leave/", {})
    user.post("/enter/", {"role": "user"})
    assert link_on(user.get(address)) == link
    assert f'href="{address}"' in text_of(user.get(f"/tickets/{ticket.pk}/"))
    other = enter("user")
    assert link_on(other.get(address)) == ""
    assert "Secret link" not in text_of(other.get(f"/tickets/{ticket.pk}/"))


@pytest.mark.parametrize("action", ["follow", "me-too"])
def test_follower_makes_a_link_that_shows_the_ticket_when_it_is_closed(user, action):
    ticket = make_ticket(description="The lift is stuck")
    sent = f"/tickets/{ticket.pk}/sent/"
    assert "Make a secret link" not in text_of(user.get(sent))
    user.post(f"/tickets/{ticket.pk}/{action}/", {})
    assert f'href="{sent}"' in text_of(user.get(f"/tickets/{ticket.pk}/"))
    page = text_of(user.get(sent))
    assert ("Make a secret link" in page, "You sent this" in page) == (True, False)
    assert user.post(f"/tickets/{ticket.pk}/link/", {})["Location"] == sent
    link = link_on(user.get(sent))
    close_ticket(activate_ticket(ticket, by=HELPDESK), by=HELPDESK)
    assert "The lift is stuck" in text_of(enter("helpdesk").get(link))
    assert link_on(user.get(MINE)) == link


def test_follower_answers_without_the_reporters_name_and_does_not_judge(user):
    ticket = make_ticket(description="The lift is stuck")
    user.post(f"/tickets/{ticket.pk}/follow/", {})
    user.post(f"/tickets/{ticket.pk}/link/", {})
    link = link_on(user.get(f"/tickets/{ticket.pk}/sent/"))
    assert user.post(f"{link}messages/", {"body": "Still stuck"}).status_code == 302
    assert ticket.messages.get().author_name == "" != ticket.opener_name
    assert "Is the problem solved?" not in text_of(user.get(link))
    refused = user.post(f"{link}solved/", {"is_solved": "yes"})
    assert (refused.status_code, refused.content) == (404, user.get("/nowhere/").content)
    assert not Feedback.objects.exists()


def test_unfollowing_ends_the_link(user):
    ticket = make_ticket()
    user.post(f"/tickets/{ticket.pk}/follow/", {})
    user.post(f"/tickets/{ticket.pk}/link/", {})
    link = link_on(user.get(f"/tickets/{ticket.pk}/sent/"))
    user.post(f"/tickets/{ticket.pk}/unfollow/", {})
    assert user.get(link).status_code == 404
    assert user.post(f"/tickets/{ticket.pk}/link/", {}).status_code == 403


def test_reporter_does_not_end_the_link_by_unfollowing(user):
    ticket, address = report(user)
    user.post(f"/tickets/{ticket.pk}/unfollow/", {})
    assert user.get(link_on(user.get(address))).status_code == 200


FORM = {"description": "The lift is stuck", "key": "k"}


def test_form_sent_again_after_its_answer_was_lost_has_its_link(user):
    address = user.post("/tickets/new/", FORM)["Location"]
    del user.client.cookies["campus_browser"]
    assert user.post("/tickets/new/", FORM)["Location"] == address
    link = link_on(user.get(address))
    assert "The lift is stuck" in text_of(enter("helpdesk").get(link))
    assert f'href="{address}"' in text_of(user.get(address.replace("sent/", "")))
    assert user.post("/tickets/new/", FORM)["Location"] == address
    assert (link_on(user.get(address)), SecretLink.objects.count()) == (link, 2)


def test_form_of_another_session_makes_a_ticket_of_its_own(user):
    address = user.post("/tickets/new/", FORM)["Location"]
    other = enter("user")
    assert other.post("/tickets/new/", FORM | {"again": "1"})["Location"] != address
    assert link_on(other.get(address)) == ""


def test_form_sent_again_for_a_closed_ticket_has_no_link(user):
    user.post("/tickets/new/", FORM)
    del user.client.cookies["campus_browser"]
    close_ticket(activate_ticket(Ticket.objects.get(), by=HELPDESK), by=HELPDESK)
    user.post("/tickets/new/", FORM)
    assert SecretLink.objects.count() == Follower.objects.count() == 1


def test_new_link_is_made_for_the_reporting_browser_only(user):
    ticket, address = report(user)
    first = link_on(user.get(address))
    user.post(f"{first}revoke/", {})
    assert link_on(user.get(address)) == ""
    assert enter("user").post(f"/tickets/{ticket.pk}/link/", {}).status_code == 403
    assert user.post(f"/tickets/{ticket.pk}/link/", {})["Location"] == address
    assert link_on(user.get(address)) not in ("", first)


def test_closed_report_is_in_mine_by_its_link_until_that_is_revoked(user):
    ticket, address = report(user)
    link = link_on(user.get(address))
    close_ticket(activate_ticket(ticket, by=HELPDESK), by=HELPDESK)
    page = user.get(MINE)
    assert link_on(page) == link
    assert "<title>(1) My reports" in text_of(page)
    assert link.endswith(user.get(address)["Location"])
    user.get(link)
    page = user.get(MINE)
    assert "<title>My reports" in text_of(page)
    assert "The lift is stuck" in text_of(page)
    assert "The lift is stuck" not in text_of(enter("user").get(MINE))
    user.post(f"{link}revoke/", {})
    assert "The lift is stuck" not in text_of(user.get(MINE))
    assert user.get(address).status_code == 404


def test_closed_report_without_its_text_if_the_link_does_not_show_it(user, settings):
    settings.CLOSED_BY_LINK = False
    ticket, _ = report(user)
    close_ticket(activate_ticket(ticket, by=HELPDESK), by=HELPDESK)
    page = text_of(user.get(MINE))
    assert f"Ticket {ticket.pk}" in page
    assert "The lift is stuck" not in page


@pytest.mark.django_db(transaction=True)
def test_redaction_leaves_no_link_and_no_follower(user):
    ticket, address = report(user)
    link = link_on(user.get(address))
    redact_ticket(ticket, reason="a password")
    assert not SecretLink.objects.exists()
    assert not Follower.objects.exists()
    assert user.get(link).status_code == 404
