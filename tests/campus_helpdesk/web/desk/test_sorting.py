"""The order of the queue, chosen on the page."""

from dataclasses import replace

import pytest
from django.http import QueryDict

from campus_helpdesk.web.desk.sorting import list_orders
from tests.support.factories import USER, make_ticket
from tests.support.pages import summaries_of, text_of
from tickets.duplicates.me_too import say_me_too


@pytest.fixture
def tickets(db):
    """The first one was reported by one more."""
    common, _ = make_ticket(description="Lift stuck"), make_ticket(description="Lamp broken")
    say_me_too(common, by=replace(USER, browser="ab" * 32))


def chosen(query: str) -> list[str]:
    return [choice.label for choice in list_orders(QueryDict(query)) if choice.is_on]


def test_queue_leads_to_the_most_reported(helpdesk, tickets):
    page = helpdesk.get("/desk/?status=open")
    assert summaries_of(page) == ["Lamp broken", "Lift stuck"]
    (order,) = [choice for choice in page.context["orders"] if choice.label == "Most reported first"]
    assert f'href="{order.href.replace("&", "&amp;")}"' in page.content.decode()
    page = helpdesk.get(f"/desk/{order.href}")
    assert summaries_of(page) == ["Lift stuck", "Lamp broken"]
    assert "1 more has it" in text_of(page)


def test_views_and_filters_keep_the_order(helpdesk, tickets):
    page = helpdesk.get("/desk/?ordering=-me_too").content.decode()
    assert 'href="/desk/?ordering=-me_too&amp;status=open"' in page
    assert '<input type="hidden" name="ordering" value="-me_too">' in page
    assert "Clear filters" not in page


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("", "Newest first"),
        ("ordering=-me_too", "Most reported first"),
        ("q=lift", "Best hits first"),
        ("q=lift&ordering=-opened_at", "Newest first"),
    ],
)
def test_current_order_is_marked(query, label):
    assert chosen(query) == [label]


def test_order_outside_the_menu_is_none_of_it(helpdesk, tickets):
    assert chosen("ordering=me_too") == []
    assert "Other order" in text_of(helpdesk.get("/desk/?ordering=me_too"))


def test_search_in_a_list_with_its_own_order_has_the_best_hits_first():
    assert list_orders(QueryDict("ordering=-me_too"))[0].href == "?"
    assert [choice.href for choice in list_orders(QueryDict("q=lift&ordering=-me_too"))][:2] == [
        "?q=lift",
        "?q=lift&ordering=-opened_at",
    ]


def test_order_begins_on_the_first_page():
    assert list_orders(QueryDict("status=open&cursor=abc"))[-1].href == "?status=open&ordering=-me_too"
