"""A ticket by its secret link: read, answered, judged and revoked by whoever holds it, without a role."""

import hashlib
import re

import pytest
from django.apps import apps
from django.db import connection

from messaging.actions import post_message
from messaging.models import Message
from tests.support.factories import HELPDESK, USER, make_conversation, make_secret
from tests.support.pages import count_statements, text_of
from tickets.actions import activate_ticket, close_ticket
from tickets.following.models import Feedback, SecretLink
from tickets.models import Ticket


def close(ticket: Ticket) -> Ticket:
    return close_ticket(activate_ticket(ticket, by=HELPDESK), by=HELPDESK)


def test_link_shows_the_ticket_and_its_conversation_without_notes(holder, ticket, secret):
    make_conversation(ticket)
    page = text_of(holder.get(f"/t/{secret}/"))
    for text in ("The lift is stuck", "Library", "Is anybody coming?", "A technician is on the way."):
        assert text in page
    assert "Spare part" not in page
    assert "sessionid" not in holder.client.cookies


def test_link_shows_a_closed_ticket_that_takes_no_answer(holder, ticket, secret):
    make_conversation(ticket)
    close(ticket)
    page = text_of(holder.get(f"/t/{secret}/"))
    assert "closed by the helpdesk" in page
    assert "A technician is on the way." in page
    assert "Spare part" not in page
    assert 'name="body"' not in page
    refused = holder.post(f"/t/{secret}/messages/", {"body": "It is stuck again"})
    assert refused.status_code == 409
    assert "It is stuck again" in text_of(refused)
    assert Message.objects.count() == 3


def test_link_without_the_conversation_shows_only_when_it_was_closed(holder, ticket, secret, settings):
    settings.CLOSED_BY_LINK = False
    make_conversation(ticket)
    assert "The lift is stuck" in text_of(holder.get(f"/t/{secret}/"))
    close(ticket)
    page = text_of(holder.get(f"/t/{secret}/"))
    assert "closed by the helpdesk" in page
    assert "Is the problem solved?" in page
    for text in ("lift", "Library", "Ursula", "anybody", "technician", "Facility"):
        assert text not in page


def test_answer_by_link_is_the_reporters(holder, ticket, secret):
    form = {"body": "It is still stuck", "key": "k"}
    answers = [holder.post(f"/t/{secret}/messages/", form) for _ in range(2)]
    message = Message.objects.get()
    assert {answer["Location"] for answer in answers} == {f"/t/{secret}/#message-{message.pk}"}
    assert (message.author_role, message.author_name, message.is_internal) == ("user", "Ursula", False)
    assert message.author_session != USER.session
    other = holder.post(f"/t/{secret}/messages/", form | {"body": "Another text"})
    assert (other.status_code, "Another text" in text_of(other)) == (422, True)
    assert holder.post(f"/t/{secret}/messages/", {"body": " "}).status_code == 400
    assert holder.post(f"/t/{secret}/messages/", {"body": "x", "is_internal": "1"}).status_code == 302
    assert not Message.objects.filter(is_internal=True).exists()


def test_helpdesk_sees_whether_it_is_solved(holder, helpdesk, user, ticket, secret):
    assert "Reporter says" not in text_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))
    form = {"is_solved": "no", "comment": "Stuck again since noon"}
    assert holder.post(f"/t/{secret}/solved/", form)["Location"] == f"/t/{secret}/#feedback"
    page = text_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))
    assert re.search(r"Reporter says</dt><dd><strong>Not solved</strong>.*Stuck again since noon", page)
    assert "Stuck again" not in text_of(user.get(f"/tickets/{ticket.pk}/"))
    close(ticket)
    holder.post(f"/t/{secret}/solved/", {"is_solved": "yes"})
    assert list(Feedback.objects.values_list("is_solved", "comment")) == [(True, "")]
    assert "yes, it is solved" in text_of(holder.get(f"/t/{secret}/"))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"is_solved": "maybe", "comment": "Hm"}, "Hm"),
        ({"is_solved": "yes", "comment": "x" * 501}, "x" * 501),
    ],
)
def test_bad_feedback_is_refused_and_shown_again(holder, ticket, secret, form, text):
    refused = holder.post(f"/t/{secret}/solved/", form)
    assert refused.status_code == 400
    assert text in text_of(refused)
    assert not Feedback.objects.exists()


def test_revoked_link_is_missing_and_another_one_can_be_made(holder, ticket, secret):
    assert holder.post(f"/t/{secret}/revoke/", {})["Location"] == "/"
    gone, missing = holder.get(f"/t/{secret}/"), holder.get("/nowhere/")
    assert (gone.status_code, gone.content) == (404, missing.content)
    assert holder.post(f"/t/{secret}/messages/", {"body": "x"}).status_code == 404
    assert make_secret(ticket) != secret


@pytest.mark.parametrize(
    "change", [str.lower, str.swapcase, lambda s: s[:-1], lambda s: s + "A", lambda s: "ä"]
)
def test_almost_right_secret_is_missing(holder, secret, change):
    assert change(secret) != secret
    assert holder.get(f"/t/{change(secret)}/").content == holder.get("/nowhere/").content


def test_wrong_revoked_and_malformed_secrets_take_the_same_statements(
    holder, secret, django_assert_num_queries
):
    SecretLink.objects.update(revoked_at="2026-01-01T00:00:00Z")
    for wrong in (secret, "x", "x" * 4000, "ä" * 27):
        with django_assert_num_queries(1):
            assert holder.get(f"/t/{wrong}/").status_code == 404


def test_link_page_leaves_no_trace_elsewhere(holder, secret):
    for response in (holder.get(f"/t/{secret}/"), holder.post(f"/t/{secret}/messages/", {"body": " "})):
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Cache-Control"] == "no-store"
    page = holder.client.get(f"/t/{secret}/", headers={"Host": "localhost"})
    assert page["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex, nofollow">' in text_of(page)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 302),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Origin": "http://testserver"}, 302),
    ],
)
def test_form_of_a_page_without_referrer_is_accepted_from_this_site_only(holder, secret, headers, status):
    answer = holder.post(f"/t/{secret}/messages/", {"body": "Still stuck"}, headers=headers)
    assert answer.status_code == status
    assert holder.client.post(f"/t/{secret}/messages/", {"body": "x"}, headers=headers).status_code == 403


def test_secret_is_stored_nowhere(holder, ticket, secret):
    holder.get(f"/t/{secret}/")
    everything = str([list(model._default_manager.values()) for model in apps.get_models()])
    assert hashlib.sha256(secret.encode()).hexdigest() in everything
    assert secret not in everything
    assert len(secret) == 27


@pytest.mark.parametrize("messages", [1, 30])
def test_link_takes_the_same_statements_for_many_messages(holder, ticket, secret, messages):
    for number in range(messages):
        post_message(ticket, by=HELPDESK, body=f"On the way {number}")
    assert count_statements(connection, holder.client, f"/t/{secret}/") == 5
