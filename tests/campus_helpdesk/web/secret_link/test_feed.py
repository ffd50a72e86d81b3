"""The conversation of a ticket as a feed, by its secret link."""

from messaging.actions import post_message
from tests.support.factories import HELPDESK, make_conversation, with_browser
from tests.support.feeds import parse_feed
from tests.support.secretive_tickets import read_rows
from tickets.actions import activate_ticket, close_ticket
from tickets.following.actions import revoke_link
from tickets.following.models import SecretLink

HEADERS = ("X-Robots-Tag", "Referrer-Policy", "Cache-Control")


def test_feed_shows_the_public_conversation_newest_first(nobody, ticket, secret):
    make_conversation(ticket)
    post_message(ticket, by=with_browser("b"), body="Me <too>")
    response = nobody.get(f"/t/{secret}/feed.atom")
    parsed = parse_feed(response)
    assert parsed.title == f"The lift is stuck (#{ticket.pk})"
    assert [entry.title for entry in parsed.entries] == [
        "Otto (user) wrote",
        "Hedda (helpdesk) wrote",
        "Ursula (user) wrote",
        "Ursula (user) reported",
    ]
    assert parsed.entries[0].text == "<p>Me &lt;too&gt;</p>"
    assert parsed.entries[0].link == f"http://testserver/t/{secret}/#message-{ticket.messages.last().pk}"
    assert "Spare part" not in response.content.decode()
    assert not any(secret in name for name in (parsed.id, *(entry.id for entry in parsed.entries)))
    page = nobody.get(f"/t/{secret}/")
    assert [response[name] for name in HEADERS] == [page[name] for name in HEADERS]


def test_feed_of_a_closed_ticket_follows_the_rule_of_its_page(nobody, ticket, secret, settings):
    make_conversation(ticket)
    close_ticket(activate_ticket(ticket, by=HELPDESK), by=HELPDESK)
    titles = [entry.title for entry in parse_feed(nobody.get(f"/t/{secret}/feed.atom")).entries]
    assert titles[0] == "Closed by the helpdesk"
    assert len(titles) == 4
    settings.CLOSED_BY_LINK = False
    response = nobody.get(f"/t/{secret}/feed.atom")
    (closing,) = parse_feed(response).entries
    assert (closing.title, closing.text) == ("Closed by the helpdesk", "")
    for text in ("lift", "Library", "Ursula", "anybody", "technician"):
        assert text not in response.content.decode()


def test_feed_without_a_valid_secret_is_missing(nobody, secret):
    revoke_link(SecretLink.objects.get())
    missing = nobody.get("/nowhere/").content
    for wrong in (secret, "no-such-secret"):
        response = nobody.get(f"/t/{wrong}/feed.atom")
        assert (response.status_code, response.content) == (404, missing)


def test_feed_changes_with_the_conversation_only(nobody, ticket, secret):
    first = nobody.get(f"/t/{secret}/feed.atom")
    etag = {"If-None-Match": first["ETag"]}
    before = read_rows()
    assert nobody.get(f"/t/{secret}/feed.atom", headers=etag).status_code == 304
    assert read_rows() == before
    post_message(ticket, by=HELPDESK, body="Ordered", is_internal=True)
    assert nobody.get(f"/t/{secret}/feed.atom", headers=etag).status_code == 304
    post_message(ticket, by=HELPDESK, body="On the way")
    assert nobody.get(f"/t/{secret}/feed.atom", headers=etag).status_code == 200


def test_page_leads_to_its_feed(nobody, secret):
    page = nobody.get(f"/t/{secret}/").content.decode()
    assert page.count(f'href="/t/{secret}/feed.atom"') == 2
    assert 'type="application/atom+xml"' in page
