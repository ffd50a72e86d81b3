from tests.support.factories import HELPDESK
from tests.support.pages import form_of, text_of, value_of
from tickets.actions import activate_ticket, close_ticket
from tickets.models import Ticket

FORM = "/tickets/new/"
REPORT = {"description": "The lift is stuck", "building": "Library", "room": "Lobby"}


def send(user, **fields) -> tuple[str, Ticket]:
    """The key of the form that was filled in and sent, and its ticket."""
    key = value_of(user.get(FORM), "key")
    assert user.post(FORM, REPORT | {"key": key} | fields).status_code == 302
    return key, Ticket.objects.latest("id")


def test_address_of_a_sent_form_shows_the_report_without_a_form(user):
    key, ticket = send(user)
    page = text_of(user.get(f"{FORM}?key={key}"))
    assert f"You sent this as ticket {ticket.pk}" in page
    assert f'href="/tickets/{ticket.pk}/"' in page
    assert 'name="description"' not in page


def test_address_of_an_unsent_form_shows_that_form(user):
    key = value_of(user.get(FORM), "key")
    assert value_of(user.get(f"{FORM}?key={key}"), "key") == key
    assert value_of(user.get(f"{FORM}?key=<x>"), "key") != "<x>"


def test_same_text_without_a_location_needs_a_confirmation_for_a_second_ticket(user):
    _, ticket = send(user)
    again = user.get(FORM)
    assert f"ticket {ticket.pk}</a>" in text_of(again)
    refused = user.post(FORM, {"description": REPORT["description"], "key": value_of(again, "key")})
    assert refused.status_code == 409
    assert "You reported this already" in text_of(refused)
    assert Ticket.objects.count() == 1
    assert user.client.post(FORM, form_of(refused, FORM)).status_code == 302
    assert Ticket.objects.count() == 2


def test_report_that_was_closed_is_not_shown(user):
    key, ticket = send(user)
    activate_ticket(ticket, by=HELPDESK)
    close_ticket(ticket, by=HELPDESK)
    page = text_of(user.get(f"{FORM}?key={key}"))
    assert REPORT["description"] not in page
    assert REPORT["description"] not in text_of(user.get(FORM))
    send(user)
    assert Ticket.objects.count() == 2


def test_form_after_back_gets_a_new_key_if_its_ticket_is_closed(user):
    """What is sent with it is a new ticket. The old key answers as before and reveals no closing."""
    key, ticket = send(user)
    activate_ticket(ticket, by=HELPDESK)
    close_ticket(ticket, by=HELPDESK)
    assert user.post(FORM, REPORT | {"key": key})["Location"] == f"/tickets/{ticket.pk}/sent/"
    new_key = value_of(user.get(f"{FORM}?key={key}"), "key")
    sent = user.post(FORM, REPORT | {"key": new_key})
    assert sent["Location"] == f"/tickets/{Ticket.objects.latest('id').pk}/sent/"
    assert Ticket.objects.count() == 2
    assert user.get(sent["Location"]).status_code == 200


def test_report_of_another_session_is_not_shown(user, helpdesk):
    key, _ = send(user)
    assert "You sent this" not in text_of(helpdesk.get(f"{FORM}?key={key}"))


def test_refused_report_shows_its_category_again(user):
    refused = user.post(FORM, REPORT | {"building": "x" * 101})
    assert refused.status_code == 400
    assert "Facility management" in text_of(refused)
