"""What others reported: while somebody types, before it is sent, and joined instead."""

import pytest

from messaging.models import Message
from tests.support.factories import make_ticket
from tests.support.pages import form_of, text_of, value_of
from tests.support.staged_photos import upload
from tickets.following.models import Follower
from tickets.models import Ticket

FORM, TYPED = "/tickets/new/", "/tickets/new/similar/"
LIFT = {"description": "The lift is stuck again", "building": "Library", "room": "Lobby"}
OTHER = {"description": "The toilet on the third floor is blocked", "building": "Chemistry"}


def fill_in(user, **fields):
    return user.post(FORM, LIFT | {"key": value_of(user.get(FORM), "key")} | fields)


def test_similar_ticket_is_shown_while_typing(user, ticket):
    page = text_of(user.post(TYPED, LIFT))
    assert "Is it one of these?" in page
    assert f'href="/tickets/{ticket.pk}/"' in page
    assert "Is it one of these?" not in text_of(user.post(TYPED, OTHER))


def test_report_is_asked_about_once_before_it_is_sent(user, ticket):
    asked = fill_in(user)
    assert asked.status_code == 409
    assert "Others may have reported this already" in text_of(asked)
    assert Ticket.objects.count() == 1
    sent = user.client.post(FORM, form_of(asked, FORM))
    assert sent.status_code == 302
    assert Ticket.objects.latest("id").description == LIFT["description"]


def test_report_whose_form_showed_them_is_sent_at_once(user, ticket):
    assert fill_in(user, seen=str(ticket.pk)).status_code == 302
    assert Ticket.objects.count() == 2


def test_report_whose_form_showed_several_is_sent_at_once(user, ticket):
    shown = [str(ticket.pk), str(make_ticket(**LIFT).pk)]
    asked = fill_in(user)
    assert asked.status_code == 409
    assert all(f'name="seen" value="{pk}"' in text_of(asked) for pk in shown)
    assert fill_in(user, seen=shown).status_code == 302


def test_report_of_another_problem_is_sent_at_once(user, ticket):
    assert fill_in(user, **OTHER).status_code == 302


def test_program_without_a_key_is_not_asked(user, ticket):
    assert user.post(FORM, LIFT).status_code == 302


def test_report_that_was_written_without_a_network_is_not_asked_about(user, ticket):
    form = form_of(user.get(FORM), FORM) | LIFT
    assert user.client.post(FORM, form, headers={"Sent-Later": "1"}).status_code == 302


def test_sending_the_same_form_twice_makes_one_ticket(user, ticket):
    key = value_of(user.get(FORM), "key")
    first, second = (user.post(FORM, LIFT | {"key": key, "seen": str(ticket.pk)}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert user.post(FORM, LIFT | {"key": key})["Location"] == first["Location"]


def test_me_too_counts_and_offers_what_was_typed_as_a_message(user, ticket):
    page = user.post(f"/tickets/{ticket.pk}/me-too/", LIFT)
    assert page.status_code == 200
    assert f">{LIFT['description']}</textarea>" in text_of(page)
    assert f"You have joined ticket {ticket.pk}" in text_of(page)
    assert Ticket.objects.get().me_too == 1
    assert not Message.objects.exists()
    assert Follower.objects.get(ticket=ticket).reason == "me_too"


@pytest.mark.parametrize("text", [LIFT["description"], ""])
def test_me_too_offers_the_photos_with_the_message(user, ticket, text):
    user.post("/photos/", {"key": "key", "photos": upload()})
    photo = upload(b"x" * 300_000)  # more than a form without photos may have
    page = user.post(f"/tickets/{ticket.pk}/me-too/", {"description": text, "key": "key", "photos": photo})
    assert (page.status_code, text_of(page).count("Being prepared")) == (200, 2)
    messages = f"/tickets/{ticket.pk}/messages/"
    form = form_of(page, messages)
    assert form["key"] == ["key"]
    del form["photos"]  # chosen no file again
    assert user.client.post(messages, form | {"body": "With photos"}).status_code == 302
    assert Message.objects.get().photos.count() == 2


def test_me_too_names_a_photo_that_it_refuses(user, ticket):
    form = LIFT | {"key": "", "photos": upload(b"", name="empty.jpg")}
    page = text_of(user.post(f"/tickets/{ticket.pk}/me-too/", form))
    assert "empty.jpg: " in page
    assert f">{LIFT['description']}</textarea>" in page
    assert Ticket.objects.get().me_too == 1


def test_me_too_without_a_text_leads_to_the_ticket(user, ticket):
    for _ in range(2):
        answer = user.post(f"/tickets/{ticket.pk}/me-too/", {})
        assert answer["Location"] == f"/tickets/{ticket.pk}/"
    assert Ticket.objects.get().me_too == 1
    assert "1 more has this problem" in text_of(user.get(f"/tickets/{ticket.pk}/"))


def test_me_too_on_a_closed_ticket_equals_a_missing_one(user):
    closed = make_ticket("closed", **LIFT)
    hidden, missing = (user.post(f"/tickets/{pk}/me-too/", LIFT) for pk in (closed.pk, closed.pk + 999))
    assert hidden.status_code == missing.status_code == 404
    assert "Is it one of these?" not in text_of(user.post(TYPED, LIFT))


def test_desk_sorts_by_the_number_and_shows_it(user, helpdesk, ticket):
    other = make_ticket(**OTHER)
    user.post(f"/tickets/{ticket.pk}/me-too/", {})
    listed = helpdesk.api("GET", "tickets/?ordering=-me_too").json()["results"]
    assert [(one["id"], one["me_too"]) for one in listed] == [(ticket.pk, 1), (other.pk, 0)]
    assert "1 more has it" in text_of(helpdesk.get("/desk/?ordering=-me_too"))
