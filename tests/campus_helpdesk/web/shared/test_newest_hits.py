"""The first page of a search that finds enough among the newest tickets looks at no others."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from tests.support.factories import store_as_is
from tests.support.pages import text_of
from tests.support.walks import parts_of, walk_forward
from tickets.models import Ticket
from tickets.search_index import BLOCK_BITS, index_tickets
from tickets.ticket_counters import MAX_COUNTED_IN_SCAN

MOMENT = datetime(2019, 5, 5, tzinfo=UTC)
NEWEST = 20 << BLOCK_BITS  # the first id of the newest block: more blocks than are looked at
ENOUGH = MAX_COUNTED_IN_SCAN + 1


def store(first_id: int, count: int, moment: datetime = MOMENT) -> list[int]:
    """Tickets with neighbouring ids, opened at the same time, newest first."""
    ids = range(first_id, first_id + count)
    store_as_is(
        [
            Ticket(pk=pk, category="it", description="The oscilloscope", opened_at=moment, modified_at=moment)
            for pk in ids
        ]
    )
    index_tickets(f"SELECT id FROM tickets_ticket WHERE id BETWEEN {ids[0]} AND {ids[-1]}")
    return list(ids)[::-1]


@pytest.fixture
def get_page(helpdesk):
    def read(address: str):
        response = helpdesk.get(address)
        page = unescape(response.content.decode())
        following = re.search(r'href="([^"]*)" rel="next"', page)
        return {
            "text": text_of(response),
            "results": [
                {"id": int(pk)} for pk in re.findall(r'href="/desk/tickets/(\d+)/(?:\?[^"]*)?"', page)
            ],
            "next": f"/desk/{following[1]}" if following else None,
        }

    return read


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["oscilloscope", "osciloscope"])
@pytest.mark.parametrize(("in_newest", "in_second"), [(ENOUGH, 5), (5, ENOUGH), (5, 5)])
def test_pages_of_a_search_show_every_hit_once(get_page, in_newest, in_second, word):
    old = store(1, 5, MOMENT - timedelta(days=2))
    second = store(NEWEST - in_second, in_second, MOMENT - timedelta(days=1))
    newest = store(NEWEST, in_newest)
    assert walk_forward(get_page, f"/desk/?q={word}") == parts_of(newest + second + old, 25)


@pytest.mark.django_db
def test_older_number_with_a_later_opening_is_not_missed(get_page):
    newest = store(NEWEST, ENOUGH)
    imported = store(1, 1, MOMENT + timedelta(days=1))
    assert walk_forward(get_page, "/desk/?q=oscilloscope") == parts_of(imported + newest, 25)


@pytest.mark.django_db
def test_numbers_with_wide_gaps_are_searched_as_a_whole(get_page):
    """As of a helpdesk that numbered by date and time."""
    newest = store(20_261_130_093_015_123, ENOUGH)
    old = store(20_251_130_093_015_123, 5, MOMENT - timedelta(days=1))
    assert walk_forward(get_page, "/desk/?q=oscilloscope") == parts_of(newest + old, 25)


@pytest.mark.django_db
def test_great_numbers_without_gaps_have_newest_hits(get_page):
    newest = store(20_261_130_093_015_123, ENOUGH)
    old = store(20_261_130_093_015_123 - (3 << BLOCK_BITS), 5, MOMENT - timedelta(days=1))
    assert f"{MAX_COUNTED_IN_SCAN}+" in get_page("/desk/?q=oscilloscope")["text"]
    assert walk_forward(get_page, "/desk/?q=oscilloscope") == parts_of(newest + old, 25)


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["oscilloscope", "osciloscope"])
def test_count_of_a_search_in_the_newest_tickets_is_a_lower_bound(get_page, word):
    store(1, 5, MOMENT - timedelta(days=1))
    store(NEWEST, ENOUGH)
    first = get_page(f"/desk/?q={word}")["text"]
    assert f"{MAX_COUNTED_IN_SCAN}+" in first
    assert ("Showing similar words" in first) is (word == "osciloscope")
    assert f"{MAX_COUNTED_IN_SCAN}+" not in get_page(f"/desk/?q={word}&category=it")["text"]
