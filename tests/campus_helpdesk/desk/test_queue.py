from django.db import connection

from tests.campus_helpdesk.reading import count_statements, summaries_of
from tests.factories import make_conversation, make_ticket
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
    rail = helpdesk.get("/desk/?status=open").context["rail"]
    counts = {view["label"]: view["count"] for view in rail["views"]}
    assert counts == {"Open": 2, "Active": 1, "Please check": 2, "Closed": 1, "All": 4}
    for view in rail["views"] + rail["categories"]:
        assert len(summaries_of(helpdesk.get(view["href"]))) == view["count"], view
    assert [view["label"] for view in rail["views"] if view["is_on"]] == ["Open"]


def test_queue_takes_as_many_statements_for_30_tickets_as_for_1(helpdesk, db):
    make_conversation(make_ticket())
    few = count_statements(connection, helpdesk, "/desk/")
    for _ in range(29):
        make_conversation(make_ticket())
    assert count_statements(connection, helpdesk, "/desk/?page_size=100") == few <= 6


def test_rail_obeys_and_keeps_a_search(helpdesk):
    make_ticket(description="The wifi is down")
    make_ticket("active", description="The wifi is slow")
    make_ticket(description="The tap drips")
    page = helpdesk.get("/desk/?q=wifi&cursor=").content.decode()
    for query, count in {"?q=wifi&amp;status=open": 1, "?q=wifi&amp;status=active": 1, "?q=wifi": 2}.items():
        link = page.split(f'<a href="/desk/{query}"', 1)[1].split("</a>")[0]
        assert f'class="number">{count}<' in link
