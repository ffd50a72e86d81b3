"""From a list to a ticket, to the next one, and back to the same page of the same list."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from tests.support.factories import HELPDESK, make_ticket, store_as_is
from tests.support.pages import text_of
from tickets.actions import activate_ticket, close_ticket
from tickets.models import Ticket

AREAS = {"/desk/": "/desk/tickets/", "/tickets/": "/tickets/"}


def row_link(page: str, ticket: Ticket) -> str:
    return re.search(rf'href="([^"]*/tickets/{ticket.pk}/[^"]*)" id="ticket-', page)[1]


def key_link(page: str, key: str) -> str:
    """The target of a key on the ticket's page."""
    return re.search(rf'href="([^"]*)"(?: rel="\w+")? data-key="{key}"', page)[1]


@pytest.fixture(params=AREAS)
def area(request) -> str:
    return request.param


def walk(client, page: str, key: str) -> list[int]:
    """The numbers of the tickets to which a key leads, until the end."""
    numbers: list[int] = []
    while len(numbers) < 20:
        address = client.get(unescape(key_link(page, key)))["Location"]
        number = int(re.search(r"/tickets/(\d+)/", address)[1])
        page = client.get(address).content.decode()
        if re.search("This is the (first|last) ticket in the list", page):
            return numbers
        numbers.append(number)
    raise AssertionError(f"No end after {numbers}")


def test_ticket_links_back_to_the_page_of_the_list_it_was_opened_from(helpdesk, area):
    lamps = [make_ticket(description=f"The lamp {number} flickers") for number in range(3)]
    make_ticket(description="The tap drips")
    query = "?q=lamp&page_size=1"
    older = unescape(re.search(r'href="(\?[^"]*)" rel="next"', text_of(helpdesk.get(area + query)))[1])
    listed = helpdesk.get(area + older).content.decode()
    ticket = lamps[1]
    page = text_of(helpdesk.get(unescape(row_link(listed, ticket))))
    back, _, row = key_link(page, "u").partition("#")
    assert back == area + older
    assert row == f"ticket-{ticket.pk}"
    assert f'id="{row}"' in text_of(helpdesk.get(back))


def test_next_and_previous_walk_the_whole_list_and_stop_at_its_ends(helpdesk, area):
    lamps = [make_ticket(description=f"The lamp {number} flickers").pk for number in range(4)]
    make_ticket(description="The tap drips")
    carried = f"?list={quote('q=lamp&ordering=opened_at')}"
    page = helpdesk.get(f"{AREAS[area]}{lamps[1]}/{carried}").content.decode()
    assert walk(helpdesk, page, "j") == lamps[2:]
    assert walk(helpdesk, page, "k") == [lamps[0]]


def test_tickets_opened_at_the_same_time_are_walked_one_by_one(helpdesk, db):
    moment = make_ticket().opened_at
    store_as_is([Ticket(category="it", opened_at=moment, modified_at=moment) for _ in range(5)])
    numbers = list(Ticket.objects.order_by("-opened_at", "-pk").values_list("pk", flat=True))
    page = helpdesk.get(f"/desk/tickets/{numbers[0]}/").content.decode()
    assert walk(helpdesk, page, "j") == numbers[1:]


def test_ticket_that_left_the_list_keeps_its_position_for_next_and_previous(helpdesk, db):
    first, left, last = (make_ticket() for _ in range(3))
    activate_ticket(left, by=HELPDESK)
    page = helpdesk.get(f"/desk/tickets/{left.pk}/?list=status%3Dopen").content.decode()
    assert walk(helpdesk, page, "j") == [first.pk]
    assert walk(helpdesk, page, "k") == [last.pk]


def test_every_form_and_link_of_a_ticket_carries_the_list(helpdesk, db):
    ticket = make_ticket()
    path, carried = f"/desk/tickets/{ticket.pk}/", "?list=q%3Dlamp"
    page = text_of(helpdesk.get(path + carried))
    found = re.findall(rf'(?:action|href|hx-get)="{path}([^"]*)"', page)
    assert len(found) >= 6
    assert all("list=q%3Dlamp" in address for address in found)
    assert helpdesk.post(f"{path}activate/{carried}", {})["Location"] == path + carried
    sent = helpdesk.post(f"{path}messages/{carried}", {"body": "On my way"})["Location"]
    assert sent.startswith(f"{path}{carried}#message-")
    form = {"category": "it", "version": "2"}
    assert helpdesk.post(f"{path}category/{carried}", form)["Location"] == path + carried


def test_user_never_reaches_a_closed_ticket_by_next_or_previous(user, db):
    first, hidden, last = (make_ticket() for _ in range(3))
    close_ticket(activate_ticket(hidden, by=HELPDESK), by=HELPDESK)
    for query in ("", "?list=status%3Dclosed", "?list=ordering%3Dmodified_at"):
        assert user.get(f"/tickets/{hidden.pk}/next/{query}").status_code == 404
        missing = user.get(f"/tickets/987654/next/{query}")
        assert user.get(f"/tickets/{hidden.pk}/previous/{query}").content == missing.content
    page = user.get(f"/tickets/{last.pk}/").content.decode()
    assert walk(user, page, "j") == [first.pk]
    stuck = user.get(f"/tickets/{first.pk}/next/?list=status%3Dclosed")["Location"]
    assert f"/tickets/{first.pk}/" in stuck


@pytest.mark.parametrize(
    ("query", "field"),
    [("status=bogus", "Status"), ("nonsense=1", "Nonsense"), ("ordering=x", "Ordering"), ("q=%00", "Search")],
)
def test_invalid_list_is_refused_naming_the_filter(user, query, field):
    ticket = make_ticket()
    answer = user.get(f"/tickets/{ticket.pk}/next/?list={quote(query)}")
    assert answer.status_code == 400
    assert f"<strong>{field}</strong>" in text_of(answer)


def test_list_with_a_very_long_address_is_not_carried(helpdesk, db):
    ticket = make_ticket(building="Library")
    for count, is_carried in ((10, True), (100, False)):
        query = "&".join(f"building_not={number:016x}" for number in range(count))
        link = row_link(text_of(helpdesk.get(f"/desk/?{query}")), ticket)
        assert ("?list=" in link) is is_carried
        assert helpdesk.get(link).status_code == 200


def test_next_follows_a_search_by_rank(helpdesk, area):
    begins, whole = make_ticket(description="Lampshade"), make_ticket(description="A lamp")
    other = make_ticket(description="The tap drips")
    page = text_of(helpdesk.get(f"{AREAS[area]}{whole.pk}/?list=q%3Dlamp"))
    assert walk(helpdesk, page, "j") == [begins.pk]
    page = text_of(helpdesk.get(f"{AREAS[area]}{other.pk}/?list=q%3Dlamp"))
    assert walk(helpdesk, page, "j") == []
