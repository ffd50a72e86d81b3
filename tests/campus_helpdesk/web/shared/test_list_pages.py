"""The lists of the portal and the desk, page by page, by their own links."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from tests.support.factories import HELPDESK, store_as_is
from tests.support.pages import text_of
from tests.support.walks import parts_of, walk_back, walk_forward
from tickets.actions import activate_ticket
from tickets.models import Ticket

MOMENT = datetime(2019, 5, 5, tzinfo=UTC)


def store_equal(count: int, moment: datetime = MOMENT) -> list[int]:
    """Tickets opened at the same time, newest first, as the lists show them."""
    tickets = [Ticket(category="it", opened_at=moment, modified_at=moment) for _ in range(count)]
    store_as_is(tickets)
    return [ticket.pk for ticket in tickets][::-1]


@pytest.fixture(params=["/tickets/", "/desk/"])
def area(request) -> str:
    return request.param


@pytest.fixture
def get_page(helpdesk, area):
    """The page behind an address in the form of the API: its tickets and its two links."""

    def read(address: str):
        page = unescape(helpdesk.get(address).content.decode())
        found = re.findall(r'href="/(?:desk/)?tickets/(\d+)/(?:\?[^"]*)?"', page)
        links = {name: re.search(rf'href="([^"]*)" rel="{name}"', page) for name in ("prev", "next")}
        addresses = {name: area + link[1] if link else None for name, link in links.items()}
        return {
            "results": [{"id": int(pk)} for pk in found],
            "next": addresses["next"],
            "previous": addresses["prev"],
        }

    return read


def test_previous_page_walks_back_through_the_same_pages(get_page, area):
    pages = parts_of(store_equal(110), 25)
    assert walk_forward(get_page, area) == pages
    assert walk_back(get_page, area) == pages


def test_previous_page_shows_a_full_first_page_after_few_new_tickets(get_page, area):
    made = store_equal(6)
    second = get_page(get_page(f"{area}?page_size=3")["next"])
    new = store_equal(1, MOMENT + timedelta(days=1))
    start = get_page(get_page(second["previous"])["previous"])
    assert [row["id"] for row in start["results"]] == new + made[:2]
    assert start["previous"] is None


def test_last_page_with_tickets_is_shown_if_the_next_one_is_empty(get_page, area):
    made = store_equal(5)
    address = get_page(f"{area}?page_size=3&status=open")["next"]
    for ticket in Ticket.objects.filter(pk__in=made[3:]):
        activate_ticket(ticket, by=HELPDESK)
    page = get_page(address)
    assert [row["id"] for row in page["results"]] == made[:3]
    assert page["next"] is None


def test_page_links_and_caption_claim_no_order(helpdesk, area):
    store_equal(3)
    first = helpdesk.get(f"{area}?page_size=1&ordering=opened_at")
    second = text_of(helpdesk.get(area + first.context["page"].next))
    assert "Previous page</a>" in second
    assert ">Next page<" in second
    assert "newest first" not in second
