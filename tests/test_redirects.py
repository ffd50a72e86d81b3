"""Nothing that was sent is lost by a redirect, whatever the route."""

import pytest
from django.test import Client

from tests.support.routes import find_address, list_routes, make_sample_rows
from tickets.models import Ticket

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.mark.django_db
def test_redirect_to_the_final_slash_preserves_the_body(helpdesk):
    rows, lost = make_sample_rows(), []
    for name, pattern in list_routes():
        address = find_address(name, pattern, rows)
        for method in UNSAFE if address.endswith("/") and address != "/" else ():
            response = helpdesk.client.generic(method, address[:-1], b"{}", "application/json")
            is_redirected = (response.status_code, response.get("Location")) == (308, address)
            if not is_redirected and response.status_code != 404:
                lost.append((method, name, response.status_code))
    assert lost == []


@pytest.mark.django_db
def test_get_without_the_final_slash_is_redirected(helpdesk):
    for address in ("/tickets", "/desk", "/api/v1/tickets", "/admin/tickets/ticket"):
        for read in (helpdesk.client.get, helpdesk.client.head):
            response = read(address)
            assert (response.status_code, response["Location"]) == (301, f"{address}/")


def test_report_posted_without_the_final_slash_is_stored(user):
    headers = {"X-CSRFToken": user.token}
    text = {"description": "The tap drips"}
    sent = user.client.post(
        "/api/v1/tickets", text, content_type="application/json", headers=headers, follow=True
    )
    form = user.post("/tickets/new", text, follow=True)
    assert (sent.status_code, form.status_code) == (201, 200)
    assert Ticket.objects.count() == 2


@pytest.mark.django_db
def test_form_posted_over_http_is_redirected_to_https_with_its_body(settings):
    settings.SECURE_SSL_REDIRECT = True
    response = Client().post("/tickets/new/", {"description": "The tap drips"})
    assert (response.status_code, response["Location"]) == (308, "https://testserver/tickets/new/")
