import re

import pytest
from django.db import connection

from campus_helpdesk.web.shared import ticket_list
from tests.support.factories import make_conversation, make_ticket
from tests.support.pages import count_statements, summaries_of, text_of
from tickets.models import Ticket


def test_queue_is_the_helpdesks(user, nobody, db):
    assert user.get("/desk/").status_code == 403
    assert nobody.get("/desk/")["Location"].split("?")[0] == "/"


def test_queue_shows_every_status_newest_first(helpdesk, db):
    for status in ("open", "active", "closed"):
        make_ticket(status, description=f"A {status} one")
    assert summaries_of(helpdesk.get("/desk/")) == ["A closed one", "A active one", "A open one"]
    assert summaries_of(helpdesk.get("/desk/?status=closed")) == ["A closed one"]


def test_queue_counts_what_its_links_show(helpdesk, db):
    for status in ("open", "open", "active", "closed"):
        make_ticket(status)
    Ticket.objects.filter(status="open").update(needs_review=True)
    sidebar = helpdesk.get("/desk/?status=open").context["sidebar"]
    counts = {view["label"]: view["count"].number for view in sidebar["views"]}
    assert counts == {"Open": 2, "Active": 1, "Category unsure": 2, "Closed": 1, "All": 4}
    for view in sidebar["views"] + sidebar["categories"]:
        assert len(summaries_of(helpdesk.get(view["href"]))) == view["count"].number, view
    assert [view["label"] for view in sidebar["views"] if view["is_on"]] == ["Open"]


def test_queue_takes_as_many_statements_for_30_tickets_as_for_1(helpdesk, db):
    make_conversation(make_ticket())
    few = count_statements(connection, helpdesk, "/desk/")
    for _ in range(29):
        make_conversation(make_ticket())
    assert count_statements(connection, helpdesk, "/desk/?page_size=100") == few <= 6


def test_sidebar_keeps_and_counts_a_search(helpdesk):
    make_ticket(description="The wifi is down")
    make_ticket("active", description="The wifi is slow")
    make_ticket(description="The tap drips")
    page = helpdesk.get("/desk/?q=wifi&cursor=").content.decode()
    for query, count in {"?q=wifi&amp;status=open": 1, "?q=wifi&amp;status=active": 1, "?q=wifi": 2}.items():
        link = page.split(f'<a href="/desk/{query}"', 1)[1].split("</a>")[0]
        assert f'class="number">{count}<' in link


def sidebar_of(answer) -> dict[str, str]:
    """The text of each link of the side bar, as a screen reader reads it."""
    page = text_of(answer)
    sidebar = page[page.index('aria-label="Views of the queue"') :].split("</nav>")[0]
    links = re.findall(r"<a [^>]*>(.*?)</a>", sidebar, re.DOTALL)
    words = [" ".join(re.sub(r"<[^>]*>", "", link).split()) for link in links]
    return dict(re.fullmatch(r"(.*?) ?(\d.*)?", text).groups(default="") for text in words)


@pytest.mark.parametrize(("tickets", "shown"), [(2, "2"), (3, "3"), (4, "3+ or more")])
def test_sidebar_counts_what_a_filter_finds_up_to_a_limit(helpdesk, monkeypatch, tickets, shown):
    monkeypatch.setattr(ticket_list, "MAX_COUNTED", 3)
    for _ in range(tickets):
        make_ticket(building="Library")
    make_ticket(building="Gym")
    sidebar = sidebar_of(helpdesk.get("/desk/?building=Library"))
    assert (sidebar["All"], sidebar["Open"]) == (shown, shown)
    assert sidebar["Closed"] == ("0" if tickets <= 3 else "")  # not counted is not zero
    assert sidebar_of(helpdesk.get("/desk/"))["All"] == str(tickets + 1)  # known without counting


def test_sidebar_shows_which_counts_are_capped(helpdesk, monkeypatch):
    monkeypatch.setattr(ticket_list, "MAX_COUNTED", 14)
    for status in ["open"] * 12 + ["active"] * 12:
        make_ticket(status, building="Library")
    answer = helpdesk.get("/desk/?building_is=Library")
    sidebar, page = sidebar_of(answer), text_of(answer)
    assert sidebar["All"] == "10+ or more"
    assert all(words.endswith("+ or more") for words in sidebar.values() if words), sidebar
    assert 'title="At least 10: more are not counted"' in page


def test_sidebar_takes_one_statement_however_many_tickets_a_filter_finds(helpdesk, monkeypatch):
    few = count_statements(connection, helpdesk, "/desk/?has_building=false")
    for _ in range(8):
        make_ticket()
    monkeypatch.setattr(ticket_list, "MAX_COUNTED", 3)
    assert count_statements(connection, helpdesk, "/desk/?has_building=false") == few + 1  # the last messages
