from datetime import timedelta

from messaging.actions import post_message
from tests.support.clients import enter
from tests.support.factories import HELPDESK, make_ticket, shift
from tests.support.pages import form_of, text_of, value_of
from tickets.actions import activate_ticket, close_ticket
from tickets.models import Correction, Ticket

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
    """What is sent with it is a new ticket."""
    key, ticket = send(user)
    activate_ticket(ticket, by=HELPDESK)
    close_ticket(ticket, by=HELPDESK)
    new_key = value_of(user.get(f"{FORM}?key={key}"), "key")
    sent = user.post(FORM, REPORT | {"key": new_key})
    assert sent["Location"] == f"/tickets/{Ticket.objects.latest('id').pk}/sent/"
    assert Ticket.objects.count() == 2
    assert user.get(sent["Location"]).status_code == 200


def test_form_that_is_sent_again_leads_to_its_closed_ticket_by_the_secret_link(user):
    """As if its answer was lost. For everybody else the ticket is missing."""
    key, ticket = send(user)
    activate_ticket(ticket, by=HELPDESK)
    close_ticket(ticket, by=HELPDESK)
    sent = user.post(FORM, REPORT | {"key": key})["Location"]
    assert sent == f"/tickets/{ticket.pk}/sent/"
    page = user.client.get(sent, follow=True)
    assert page.redirect_chain[0][0].startswith("/t/")
    assert REPORT["description"] in text_of(page)
    assert enter("user").get(sent).status_code == 404
    assert Ticket.objects.count() == 1


def test_report_of_another_session_is_not_shown(user, helpdesk):
    key, _ = send(user)
    assert "You sent this" not in text_of(helpdesk.get(f"{FORM}?key={key}"))


def test_refused_report_shows_its_category_again(user):
    refused = user.post(FORM, REPORT | {"building": "x" * 101})
    assert refused.status_code == 400
    assert "Facility management" in text_of(refused)


def test_category_chosen_before_sending_is_a_correction(user):
    send(user, category="services")
    ticket = Ticket.objects.get()
    assert (ticket.category, ticket.category_source, ticket.needs_review) == ("services", "person", False)
    assert list(Correction.objects.values_list("old", "new", "by_role")) == [("facility", "services", "user")]
    assert ticket.events.get().category == "services"


def test_category_as_found_is_no_correction(user):
    send(user, category="")
    assert (Ticket.objects.get().category, Ticket.objects.get().category_source) == ("facility", "machine")
    assert not Correction.objects.exists()


def test_unknown_category_is_refused_and_the_rest_is_kept(user):
    refused = user.post(FORM, REPORT | {"category": "plumbing", "name": "Ada"})
    assert refused.status_code == 400
    assert "Choose one of: facility, it, services." in text_of(refused)
    assert REPORT["description"] in text_of(refused)
    assert value_of(refused, "name") == "Ada"
    assert not Ticket.objects.exists()


def test_name_of_the_form_stays_for_the_session(nobody):
    client = enter("user")
    assert value_of(client.get(FORM), "name") == ""
    send(client, name="  Ada   Lovelace ")
    assert Ticket.objects.get().opener_name == "Ada Lovelace"
    assert value_of(client.get(FORM), "name") == "Ada Lovelace"
    refused = client.post(FORM, REPORT | {"name": "x" * 81})
    assert (refused.status_code, value_of(refused, "name")) == (400, "x" * 81)
    assert value_of(client.get(FORM), "name") == "Ada Lovelace"


def test_report_without_the_field_keeps_the_name(user):
    user.post(FORM, REPORT)
    assert Ticket.objects.get().opener_name == "Ursula"


def test_guess_names_the_chosen_category_and_the_usual_answer(user):
    for number in range(20):
        made = make_ticket(description=f"The lift {number} is stuck", building="Library")
        post_message(made, by=HELPDESK, body="On the way")
        shift(made, timedelta(days=20))
    guess = text_of(user.post(f"{FORM}category/", REPORT))
    assert "This goes to" in guess
    assert "Usually answered within 1 hour in <bdi>Library</bdi>." in guess
    chosen = text_of(user.post(f"{FORM}category/", REPORT | {"category": "it"}))
    assert "as you chose" in chosen
    assert "Usually" not in chosen
    user.post(FORM, REPORT)  # without a key, it is not asked whether others reported it
    ticket = Ticket.objects.latest("id")
    assert "Usually answered within 1 hour" in text_of(user.get(f"/tickets/{ticket.pk}/sent/"))
