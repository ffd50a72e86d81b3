"""A form with a repeated field."""

import pytest
from django.test import Client

from tests.support.factories import make_ticket
from tests.support.pages import text_of
from tickets.models import Ticket


@pytest.mark.parametrize("roles", [["user", "helpdesk"], ["user", "user"], ["helpdesk", ""]])
def test_repeated_role_opens_no_session(nobody, roles):
    nobody.get("/")
    form = {"role": roles, "csrfmiddlewaretoken": nobody.cookies["csrftoken"].value}
    answer = nobody.post("/enter/", form)
    assert answer.status_code == 400
    assert "<strong>Role</strong>: Must be given only once." in text_of(answer)
    assert nobody.get("/tickets/").status_code == 302


@pytest.mark.parametrize(
    ("address", "field", "label"),
    [
        ("/enter/", "name", "Name"),
        ("/theme/", "theme", "Theme"),
        ("/tickets/new/", "description", "The problem"),
        ("/tickets/{}/messages/", "body", "Message"),
        ("/tickets/{}/edit/", "version", "Version"),
        ("/desk/tickets/{}/category/", "category", "Category"),
        ("/desk/move/", "move", "Move"),
        ("/desk/analytics/", "service", "Service"),
        ("/desk/reports/", "when", "When"),
        ("/admin/tickets/ticket/{}/change/", "reason", "Reason"),
    ],
)
def test_repeated_field_is_refused_by_name(helpdesk, address, field, label):
    ticket = make_ticket()
    answer = helpdesk.post(address.format(ticket.pk), {field: ["one", "two"]})
    assert answer.status_code == 400
    assert f"<strong>{label}</strong>: Must be given only once." in text_of(answer)


def test_text_of_a_refused_form_is_shown(helpdesk):
    answer = helpdesk.post("/tickets/new/", {"description": "The tap drips", "room": ["1", "2"]})
    assert "The tap drips" in text_of(answer)
    assert not Ticket.objects.exists()


def test_many_tickets_may_be_selected(helpdesk):
    tickets = [make_ticket().pk for _ in range(2)]
    assert helpdesk.post("/desk/move/", {"ticket": tickets, "move": "activate"}).status_code == 302
    assert Ticket.objects.filter(status="active").count() == 2


@pytest.mark.django_db
def test_visitor_without_a_role_is_redirected_to_the_entrance_first():
    answer = Client().post("/desk/move/", {"ticket": ["1"], "move": ["close", "activate"]})
    assert answer.status_code == 401
