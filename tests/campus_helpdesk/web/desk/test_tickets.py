import re

import pytest

from messaging.actions import post_message
from messaging.models import Message
from tests.support.clients import enter
from tests.support.factories import HELPDESK, make_conversation, make_ticket
from tests.support.pages import text_of, value_of
from tickets.actions import activate_ticket, correct_category


@pytest.fixture
def ticket(db):
    return make_ticket(description="The lift is stuck")


def test_ticket_shows_notes_and_the_one_legal_move(helpdesk, ticket):
    make_conversation(ticket)
    page = text_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))
    assert "Spare part ordered" in page
    assert "Internal note" in page
    assert f'action="/desk/tickets/{ticket.pk}/activate/"' in page
    assert f'action="/desk/tickets/{ticket.pk}/close/"' not in page


@pytest.mark.parametrize("path", ["", "edit/", "messages/", "category/", "activate/", "close/"])
def test_desk_pages_of_a_ticket_are_the_helpdesks(user, ticket, path):
    send = user.get if path in ("", "edit/") else lambda at: user.post(at, {"body": "x"})
    assert send(f"/desk/tickets/{ticket.pk}/{path}").status_code == 403


def test_note_is_hidden_from_users(helpdesk, user, ticket):
    helpdesk.post(f"/desk/tickets/{ticket.pk}/messages/", {"body": "ZQX", "is_internal": "1"})
    assert Message.objects.get().is_internal
    assert "ZQX" in text_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"))
    assert "ZQX" not in text_of(user.get(f"/tickets/{ticket.pk}/"))


def chosen_kind(answer) -> str:
    """Whether "answer" or "internal note" is chosen beside the text."""
    return re.search(r'<input type="radio" name="is_internal" value="(1?)" checked>', text_of(answer))[1]


def test_answer_or_note_is_chosen_before_the_text_and_the_button_names_it(helpdesk, user, ticket):
    answer = helpdesk.get(f"/desk/tickets/{ticket.pk}/")
    page = text_of(answer)
    assert chosen_kind(answer) == ""
    assert page.index('name="is_internal"') < page.index('name="body"') < page.index("Send answer")
    assert page.index("Send answer") < page.index("Save note")
    assert "is_internal" not in text_of(user.get(f"/tickets/{ticket.pk}/"))
    refused = helpdesk.post(f"/desk/tickets/{ticket.pk}/messages/", {"body": "a\0b", "is_internal": "1"})
    assert (refused.status_code, chosen_kind(refused)) == (400, "1")
    helpdesk.post(f"/desk/tickets/{ticket.pk}/messages/", {"body": "An answer", "is_internal": ""})
    assert not Message.objects.get().is_internal


def test_message_under_a_closed_ticket_is_refused_and_shown_again(helpdesk, db):
    closed = make_ticket("closed")
    answer = helpdesk.post(f"/desk/tickets/{closed.pk}/messages/", {"body": "One more thing"})
    assert answer.status_code == 409
    assert "One more thing" in text_of(answer)


def test_correction_is_one_click(helpdesk, ticket):
    form = {
        "category": "services",
        "version": value_of(helpdesk.get(f"/desk/tickets/{ticket.pk}/"), "version"),
    }
    assert helpdesk.post(f"/desk/tickets/{ticket.pk}/category/", form).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.category, ticket.category_source) == ("services", "person")


def test_second_correction_to_a_category_names_who_was_first_and_when(db, ticket):
    path = f"/desk/tickets/{ticket.pk}/"
    anna, otto = enter("helpdesk", "Anna"), enter("helpdesk", "Otto")
    form = {"category": "services", "version": "1"}
    for client, words in (
        (anna, "is now in category "),
        (otto, "is already in category Services complaints: Anna chose it just now."),
    ):
        assert client.post(f"{path}category/", form)["Location"] == path
        assert words in text_of(client.get(path))
    assert anna.post(f"{path}category/", form | {"version": "2"}).status_code == 302
    assert "is already in category Services complaints: you chose it just now." in text_of(anna.get(path))
    assert otto.post(f"{path}category/", form | {"category": "it"}).status_code == 412
    ticket.refresh_from_db()
    assert (ticket.version, ticket.corrections.count()) == (2, 1)


def test_form_from_before_a_move_causes_no_conflict(helpdesk, user, ticket):
    activate_ticket(ticket, by=HELPDESK)
    post_message(ticket, by=HELPDESK, body="Spare part ordered", is_internal=True)
    path = f"/desk/tickets/{ticket.pk}/"
    assert helpdesk.post(f"{path}category/", {"category": "services", "version": "1"}).status_code == 302
    form = {"description": "The lift hangs", "building": "", "room": ""}
    assert user.post(f"/tickets/{ticket.pk}/edit/", form | {"version": "1"}).status_code == 412
    assert user.post(f"/tickets/{ticket.pk}/edit/", form | {"version": "3"}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.category, ticket.description) == ("services", "The lift hangs")


def test_edit_of_the_text_only_leaves_the_category_automatic(helpdesk, ticket):
    form = {"description": "The WIFI is down", "category": ticket.category, "version": "1"}
    assert helpdesk.post(f"/desk/tickets/{ticket.pk}/edit/", form).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.category, ticket.category_source) == ("it", "machine")


def test_edit_of_a_closed_ticket_is_refused(helpdesk, db):
    closed = make_ticket("closed")
    path = f"/desk/tickets/{closed.pk}/edit/"
    assert helpdesk.get(path).status_code == 409
    assert helpdesk.post(path, {"description": "x", "version": str(closed.version)}).status_code == 409


def test_edit_conflict_keeps_a_correction_that_the_writer_did_not_change(helpdesk):
    ticket = make_ticket(description="The door of the lab is stuck")
    seen = {"version": 1, "category_seen": ticket.category, "category": ticket.category}
    correct_category(ticket, by=HELPDESK, category="services", version=1)
    form = seen | {"description": "The door of lab 3 is stuck", "building": "", "room": ""}
    conflict = helpdesk.post(f"/desk/tickets/{ticket.pk}/edit/", form)
    assert conflict.status_code == 412
    assert 'name="category_seen" value="services"' in conflict.content.decode()
    again = form | {"version": 2, "category_seen": "services", "category": "services"}
    assert helpdesk.post(f"/desk/tickets/{ticket.pk}/edit/", again).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.category, ticket.description) == ("services", "The door of lab 3 is stuck")


def test_message_with_a_used_key_is_shown_again(helpdesk):
    path = f"/desk/tickets/{make_ticket().pk}/messages/"
    assert helpdesk.post(path, {"body": "First words", "key": "k"}).status_code == 302
    answer = helpdesk.post(path, {"body": "Other words", "key": "k"})
    assert answer.status_code == 422
    assert "Other words" in answer.content.decode()
