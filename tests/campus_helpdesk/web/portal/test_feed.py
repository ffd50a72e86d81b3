"""The feed of open reports: what users see, where the operator wants it."""

import pytest
from django.db import connection

from campus_helpdesk.web.portal import feed
from messaging.actions import post_message
from tests.support.factories import HELPDESK, make_conversation, make_ticket
from tests.support.feeds import parse_feed
from tests.support.pages import count_statements
from tickets.actions import close_ticket

ADDRESS = "/feeds/open.atom"


@pytest.fixture
def public(settings) -> None:
    settings.PUBLIC_FEEDS = True


@pytest.mark.django_db
def test_feeds_are_off_by_default(nobody, user, ticket):
    assert [client.get(ADDRESS).status_code for client in (nobody, user)] == [404, 404]
    assert "application/atom+xml" not in user.get("/tickets/").content.decode()


@pytest.mark.usefixtures("public")
def test_feed_shows_the_open_and_active_tickets_newest_first(nobody, ticket):
    active = make_ticket("active", description="It <b>drips</b> & hisses", room="77")
    make_ticket("closed", description="A closed one")
    make_conversation(ticket)
    parsed = parse_feed(nobody.get(ADDRESS))
    assert [entry.title for entry in parsed.entries] == [
        f"It <b>drips</b> & hisses (#{active.pk})",
        f"The lift is stuck (#{ticket.pk})",
    ]
    assert [entry.link for entry in parsed.entries] == [
        f"http://testserver/tickets/{pk}/" for pk in (active.pk, ticket.pk)
    ]
    assert "<p>It &lt;b&gt;drips&lt;/b&gt; &amp; hisses</p>" in parsed.entries[0].text
    assert "Library, Lobby" in parsed.entries[1].text
    assert "Ursula" not in nobody.get(ADDRESS).content.decode()
    ticket.refresh_from_db()
    assert parsed.updated.replace(microsecond=0) == ticket.modified_at.replace(microsecond=0)


@pytest.mark.usefixtures("public")
def test_feed_of_a_category_or_building(nobody, ticket):
    make_ticket(description="The wifi is slow on my laptop", building="Gym")
    for query, titles in {
        "?category=it": ["The wifi is slow on my laptop"],
        "?building=librar": ["The lift is stuck"],
        "?building=Library&category=it": [],
        "?building=&category=": ["The wifi is slow on my laptop", "The lift is stuck"],
    }.items():
        parsed = parse_feed(nobody.get(f"{ADDRESS}{query}"))
        assert [entry.title.partition(" (#")[0] for entry in parsed.entries] == titles, query
    for query in ("?q=lift", "?status=closed", "?is_mine=true", "?category=none"):
        assert nobody.get(f"{ADDRESS}{query}").status_code == 400, query


@pytest.mark.usefixtures("public")
def test_unchanged_feed_is_not_sent_again(nobody, ticket):
    other = make_ticket("active", building="Gym")
    first = nobody.get(ADDRESS)
    etag = {"If-None-Match": first["ETag"]}
    for headers in (etag, {"If-Modified-Since": first["Last-Modified"]}):
        again = nobody.get(ADDRESS, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
    post_message(ticket, by=HELPDESK, body="Ordered", is_internal=True)
    assert nobody.get(ADDRESS, headers=etag).status_code == 304
    close_ticket(other, by=HELPDESK)
    changed = nobody.get(ADDRESS, headers=etag)
    assert [entry.link for entry in parse_feed(changed).entries] == [
        f"http://testserver/tickets/{ticket.pk}/"
    ]
    close_ticket(make_ticket("active"), by=HELPDESK)
    assert nobody.get(ADDRESS, headers={"If-None-Match": changed["ETag"]}).status_code == 304


@pytest.mark.usefixtures("public")
def test_empty_feed_is_valid_and_stays_the_same(nobody, db):
    first = nobody.get(ADDRESS)
    assert parse_feed(first).entries == []
    assert nobody.get(ADDRESS, headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.usefixtures("public")
def test_feed_ends_after_fifty_and_takes_the_same_statements(nobody, ticket, monkeypatch):
    few = count_statements(connection, nobody, ADDRESS)
    for _ in range(4):
        make_ticket()
    monkeypatch.setattr(feed, "MAX_ENTRIES", 3)
    assert count_statements(connection, nobody, ADDRESS) == few
    assert len(parse_feed(nobody.get(ADDRESS)).entries) == 3


@pytest.mark.usefixtures("public")
def test_list_leads_to_the_feed_of_its_filters(user, ticket):
    page = user.get("/tickets/?category=facility&building=Library&status=open").content.decode()
    assert page.count('href="/feeds/open.atom?building=Library&amp;category=facility"') == 2
    assert 'type="application/atom+xml"' in page
