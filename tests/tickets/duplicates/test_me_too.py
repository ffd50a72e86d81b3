"""Joining a ticket: who counts, once, and in which order the desk sees them."""

from dataclasses import replace

import pytest

from common.errors import Hidden, Invalid
from messaging.redaction import redact_ticket
from tests.support.factories import OTHER_USER, USER, make_ticket, with_browser
from tickets.duplicates.me_too import say_me_too
from tickets.following.actions import follow
from tickets.following.models import Follower, Reason
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def counted(ticket: Ticket) -> int:
    return Ticket.objects.get(pk=ticket.pk).me_too


def test_browser_counts_once_and_follows():
    ticket = make_ticket()
    for _ in range(2):
        say_me_too(ticket, by=with_browser("a"))
    say_me_too(ticket, by=with_browser("b"))
    assert counted(ticket) == ticket.me_too == 2
    assert Follower.objects.filter(ticket=ticket, reason=Reason.ME_TOO).count() == 2


def test_reporter_does_not_count_again():
    reporter = replace(USER, browser=with_browser("a").browser)
    ticket = make_ticket(by=reporter)
    say_me_too(ticket, by=reporter)
    assert counted(ticket) == 0


def test_follower_counts_from_the_moment_of_joining():
    ticket = make_ticket()
    follow(ticket, by=with_browser("a"), reason=Reason.FOLLOWED)
    assert counted(ticket) == 0
    say_me_too(ticket, by=with_browser("a"))
    assert counted(ticket) == 1


def test_joining_changes_neither_version_nor_moment_nor_history():
    ticket = make_ticket()
    before = (ticket.version, ticket.modified_at, ticket.events.count())
    say_me_too(ticket, by=with_browser("a"))
    ticket.refresh_from_db()
    assert (ticket.version, ticket.modified_at, ticket.events.count()) == before


def test_closed_ticket_is_hidden_from_who_would_join():
    ticket = make_ticket("closed")
    with pytest.raises(Hidden):
        say_me_too(ticket, by=with_browser("a"))
    assert counted(ticket) == 0


def test_without_a_browser_nothing_counts():
    ticket = make_ticket()
    with pytest.raises(Invalid):
        say_me_too(ticket, by=OTHER_USER)
    assert counted(ticket) == 0


def test_number_survives_redaction():
    ticket = make_ticket()
    say_me_too(ticket, by=with_browser("a"))
    redact_ticket(ticket, reason="asked for")
    assert counted(ticket) == 1
    assert not Follower.objects.filter(ticket=ticket).exists()
