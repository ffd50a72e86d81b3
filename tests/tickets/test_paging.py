"""Pages of tickets, history and facts, of which many have equal times."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.clients import get_facts
from tests.support.factories import HELPDESK, make_ticket, store_as_is
from tests.support.walks import parts_of, walk_back, walk_forward
from tickets.actions import activate_ticket, close_ticket, edit_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
MOMENT = datetime(2019, 5, 5, tzinfo=UTC)
ORDERINGS = ["opened_at", "-opened_at", "modified_at", "-modified_at"]


def store_equal(count: int) -> list[int]:
    """Tickets opened and changed at the same time."""
    tickets = [Ticket(category="it", opened_at=MOMENT, modified_at=MOMENT) for _ in range(count)]
    store_as_is(tickets)
    return [ticket.pk for ticket in tickets]


@pytest.fixture
def get_page(helpdesk):
    return lambda address: helpdesk.get(address).json()


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_tickets_of_equal_times_have_the_same_pages_forward_and_back(get_page, ordering):
    made = store_equal(8)
    pages = parts_of(made[::-1] if ordering.startswith("-") else made, 3)
    address = f"/api/v1/tickets/?page_size=3&ordering={ordering}"
    assert walk_forward(get_page, address) == pages
    assert walk_back(get_page, address) == pages


@pytest.mark.parametrize("ordering", ["-opened_at", "modified_at"])
def test_tickets_closed_between_pages_hide_no_others(user, ordering):
    """131 tickets of the same time, of which the helpdesk closes some that were shown, before each next
    page."""
    made = store_equal(131)
    shown, address = [], f"/api/v1/tickets/?page_size=10&ordering={ordering}"
    while address:
        page = user.get(address).json()
        shown += [row["id"] for row in page["results"]]
        for row in page["results"][::2]:
            close(row["id"])
        address = page["next"]
    assert sorted(shown) == made


def close(pk: int) -> None:
    ticket = Ticket.objects.get(pk=pk)
    activate_ticket(ticket, by=HELPDESK)
    close_ticket(ticket, by=HELPDESK)


def test_facts_have_the_same_pages_forward_and_back(db):
    made = store_equal(8)

    def get_page(address: str):
        return get_facts(address.partition("/facts/")[2], accept="application/json").json()

    assert walk_forward(get_page, "/facts/?page_size=3") == parts_of(made[::-1], 3)
    assert walk_back(get_page, "/facts/?page_size=3") == parts_of(made[::-1], 3)


def test_history_has_the_same_pages_forward_and_back(helpdesk):
    ticket = make_ticket()
    for version in range(1, 7):
        edit_ticket(ticket, by=HELPDESK, version=version, changes={"room": str(version)})

    def get_page(address: str):
        """Its rows have no id: the room identifies them."""
        page = helpdesk.get(address).json()
        rooms = [row["changes"].get("room", [None, ""])[1] for row in page["results"]]
        return page | {"results": [{"id": room} for room in rooms]}

    address = f"/api/v1/tickets/{ticket.pk}/history/?page_size=3"
    assert walk_forward(get_page, address) == parts_of(["", *"123456"], 3)
    assert walk_back(get_page, address) == parts_of(["", *"123456"], 3)


CHANGES = [lambda text: text[:-1], lambda text: text[1:], lambda text: f"{text}A", str.lower]


@pytest.mark.parametrize("change", CHANGES)
def test_changed_cursor_is_refused_by_name(helpdesk, change):
    store_equal(3)
    address = helpdesk.get("/api/v1/tickets/?page_size=1").json()["next"]
    cursor = change(parse_qs(urlsplit(address).query)["cursor"][0])
    response = helpdesk.get(f"/api/v1/tickets/?page_size=1&cursor={cursor}")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["cursor"])


def test_cursor_of_another_ordering_is_refused_by_name(helpdesk):
    store_equal(3)
    address = helpdesk.get("/api/v1/tickets/?page_size=1&ordering=-opened_at").json()["next"]
    response = helpdesk.get(address.replace("-opened_at", "opened_at"))
    assert (response.status_code, list(response.json()["errors"])) == (400, ["cursor"])
