"""Who follows a ticket: once a browser, with the strongest reason."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from common.errors import Hidden, Invalid, NotAllowed
from common.roles import Caller, Role
from messaging.actions import post_message
from tests.support.factories import HELPDESK, OTHER_USER, TOKEN, USER, make_secret, make_ticket, with_browser
from tests.support.locks import is_waiting
from tests.support.processes import wait_until
from tickets.actions import close_ticket
from tickets.errors import WrongState
from tickets.following.actions import follow, give_feedback, make_link, mark_seen, unfollow
from tickets.following.models import Feedback, Follower, Reason, SecretLink
from tickets.following.queries import find_by_secret
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
READER = replace(OTHER_USER, browser="a" * 64)


def reasons(ticket) -> list[tuple[str, str]]:
    return list(ticket.followers.values_list("browser", "reason"))


def test_reporter_with_a_browser_follows_the_new_ticket():
    ticket = make_ticket(by=replace(USER, browser="b" * 64))
    assert reasons(ticket) == [("b" * 64, "reported")]
    assert ticket.followers.get().seen_at == ticket.modified_at
    assert reasons(make_ticket(by=USER)) == []


def test_repeated_report_is_followed_once():
    by = replace(USER, browser="b" * 64)
    first, again = (make_ticket(by=by, description="The tap drips", key="k") for _ in range(2))
    assert first == again
    assert reasons(first) == [("b" * 64, "reported")]


@pytest.mark.parametrize(
    ("first", "then", "stays"),
    [
        (Reason.FOLLOWED, Reason.ME_TOO, "me_too"),
        (Reason.ME_TOO, Reason.FOLLOWED, "me_too"),
        (Reason.REPORTED, Reason.ME_TOO, "reported"),
        (Reason.FOLLOWED, Reason.FOLLOWED, "followed"),
    ],
)
def test_strongest_reason_stays(first, then, stays):
    ticket = make_ticket()
    follow(ticket, by=READER, reason=first)
    assert follow(ticket, by=READER, reason=then).reason == stays
    assert reasons(ticket) == [(READER.browser, stays)]


@pytest.mark.parametrize(
    ("by", "status", "refusal"),
    [
        (READER, "closed", Hidden),
        (replace(HELPDESK, browser="c" * 64), "closed", WrongState),
        (OTHER_USER, "open", Invalid),
        (Caller(Role.HELPDESK, scope="tickets:read", browser="c" * 64), "open", NotAllowed),
    ],
)
def test_follow_refuses_without_a_trace(by, status, refusal):
    ticket = make_ticket(status)
    with pytest.raises(refusal):
        follow(ticket, by=by, reason=Reason.FOLLOWED)
    assert not Follower.objects.exists()


@pytest.mark.parametrize("reason", [Reason.FOLLOWED, Reason.ME_TOO])
def test_follow_refuses_what_was_closed_since_it_was_read(reason):
    seen = make_ticket("active")
    close_ticket(Ticket.objects.get(pk=seen.pk), by=HELPDESK)
    with pytest.raises(Hidden):
        follow(seen, by=READER, reason=reason)
    assert not Follower.objects.exists()


def test_unfollow_ends_following_and_keeps_who_has_the_problem():
    followed, shared = make_ticket(), make_ticket()
    follow(followed, by=READER, reason=Reason.FOLLOWED)
    follow(shared, by=READER, reason=Reason.ME_TOO)
    for ticket in (followed, shared):
        unfollow(ticket, by=OTHER_USER)
        unfollow(ticket, by=READER)
    assert reasons(followed) == []
    assert reasons(shared) == [(READER.browser, "me_too")]


def test_unfollow_refuses_what_was_closed_since_it_was_read():
    seen = make_ticket("active")
    follow(seen, by=READER, reason=Reason.FOLLOWED)
    close_ticket(Ticket.objects.get(pk=seen.pk), by=HELPDESK)
    with pytest.raises(Hidden):
        unfollow(seen, by=READER)
    assert reasons(seen) == [(READER.browser, "followed")]


def test_unfollow_revokes_a_link_that_outlived_its_follower():
    ticket, other = make_ticket(), make_ticket()
    secrets = [make_secret(ticket), make_secret(other)]
    Follower.objects.all().delete()
    unfollow(ticket, by=OTHER_USER)
    assert find_by_secret(secrets[0])
    unfollow(ticket, by=with_browser(TOKEN))
    assert [bool(find_by_secret(secret)) for secret in secrets] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_link_is_not_made_beside_the_end_of_following():
    ticket = make_ticket()
    follow(ticket, by=READER, reason=Reason.FOLLOWED)

    def make() -> None:
        try:
            make_link(ticket, by=READER, token=TOKEN)
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            unfollow(ticket, by=READER)
            made = pool.submit(make)
            wait_until(lambda: is_waiting() or made.done())
        with pytest.raises(NotAllowed):
            made.result()
    assert not SecretLink.objects.exists()


def test_mark_seen_never_goes_back():
    ticket = make_ticket()
    follower = follow(ticket, by=READER, reason=Reason.FOLLOWED)
    before = make_ticket()
    before.pk = ticket.pk
    before.modified_at = ticket.modified_at
    post_message(ticket, by=HELPDESK, body="On the way")
    mark_seen(ticket, by=READER)
    mark_seen(before, by=READER)
    mark_seen(ticket, by=OTHER_USER)
    follower.refresh_from_db()
    assert follower.seen_at == ticket.modified_at > before.modified_at


@pytest.mark.parametrize("values", [{"browser": "no digest"}, {"reason": "liked"}])
def test_database_refuses_a_follower_that_no_action_writes(values):
    ticket = make_ticket()
    row = {"ticket": ticket, "browser": "d" * 64, "reason": "followed", "seen_at": ticket.modified_at}
    with pytest.raises(IntegrityError):
        Follower.objects.create(**row | values)


def test_database_keeps_what_a_reporter_said():
    """Analyses count it, and a deleted row could not tell the workers that it is gone."""
    feedback = give_feedback(SecretLink(ticket=make_ticket()), is_solved="no", comment="")
    with pytest.raises(ProgrammingError, match="Cannot delete rows"), transaction.atomic():
        feedback.delete()
    assert Feedback.objects.exists()
