import pytest
from django.test import Client

from tests.support.clients import ApiClient
from tests.support.factories import make_secret, make_ticket
from tickets.models import Ticket


@pytest.fixture
def ticket(db) -> Ticket:
    return make_ticket(description="The lift is stuck", building="Library")


@pytest.fixture
def secret(ticket) -> str:
    return make_secret(ticket)


@pytest.fixture
def holder(db) -> ApiClient:
    """A browser without a role, with a token for forms."""
    client = Client(enforce_csrf_checks=True)
    client.get("/")
    return ApiClient(client)
