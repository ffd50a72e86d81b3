"""Taking a merge back: the former status, and other people who change the same tickets meanwhile."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from messaging.redaction import redact_ticket
from tests.support.factories import HELPDESK, make_secret, make_ticket, with_browser
from tests.support.locks import is_waiting
from tests.support.processes import wait_until
from tickets.actions import close_ticket, edit_ticket, repair_ticket
from tickets.duplicates.merging import merge_ticket, unmerge_ticket
from tickets.errors import WrongState
from tickets.following.actions import follow, make_link
from tickets.following.models import Reason
from tickets.following.queries import find_by_secret
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Ticket:
    return make_ticket("active", description="The lift is stuck")


def undo(duplicate: Ticket) -> Ticket:
    unmerge_ticket(duplicate, by=HELPDESK, reason="Another lift")
    return duplicate


@pytest.mark.parametrize("status", ["open", "active"])
def test_status_is_the_former_one_also_of_a_redacted_duplicate(kept, status):
    duplicate = merge_ticket(make_ticket(status), into=kept, by=HELPDESK)
    redact_ticket(duplicate, reason="Asked for")
    assert undo(duplicate).status == status


@pytest.mark.parametrize("status", ["open", "active"])
def test_status_is_the_former_one_of_a_duplicate_that_others_were_merged_into(kept, status):
    duplicate = make_ticket(status)
    merge_ticket(make_ticket(), into=duplicate, by=HELPDESK)
    assert undo(merge_ticket(duplicate, into=kept, by=HELPDESK)).status == status


def test_status_is_the_one_before_the_last_merge(kept):
    duplicate = merge_ticket(make_ticket(), into=kept, by=HELPDESK)
    undo(duplicate)
    repair_ticket(duplicate, by=HELPDESK, reason="Somebody is there", changes={"status": "active"})
    assert undo(merge_ticket(duplicate, into=kept, by=HELPDESK)).status == "active"


def browsers(ticket: Ticket) -> set[str]:
    return set(ticket.followers.values_list("browser", flat=True))


@pytest.mark.parametrize("first", ["earlier", "between"])
def test_undo_after_a_chain_takes_back_what_that_ticket_brought(kept, first):
    earlier, between = (with_browser(name) for name in ("earlier", "between"))
    tickets = {"earlier": make_ticket(by=earlier), "between": make_ticket(by=between)}
    merge_ticket(tickets["earlier"], into=tickets["between"], by=HELPDESK)
    merge_ticket(tickets["between"], into=kept, by=HELPDESK)
    undo(tickets[first])
    kept.refresh_from_db()
    assert browsers(tickets[first]) == {with_browser(first).browser}
    assert browsers(kept) == {earlier.browser, between.browser} - {with_browser(first).browser}
    assert (kept.me_too, tickets[first].me_too) == (1, 0)


@pytest.mark.parametrize("reason", [Reason.ME_TOO, Reason.FOLLOWED])
def test_who_joins_the_kept_ticket_after_the_merge_stays(kept, reason):
    reporter = with_browser("reporter")
    duplicate = merge_ticket(make_ticket(by=reporter), into=kept, by=HELPDESK)
    follow(kept, by=reporter, reason=reason)
    undo(duplicate)
    kept.refresh_from_db()
    assert kept.followers.get().reason == reason
    assert kept.me_too == (reason == Reason.ME_TOO)


def test_follower_whom_the_merge_counted_is_counted_no_longer(kept):
    reporter = with_browser("reporter")
    follow(kept, by=reporter, reason=Reason.FOLLOWED)
    undo(merge_ticket(make_ticket(by=reporter), into=kept, by=HELPDESK))
    kept.refresh_from_db()
    assert (kept.followers.get().reason, kept.me_too) == (Reason.FOLLOWED, 0)


def test_undo_revokes_the_links_of_who_leaves_and_of_nobody_else():
    own, reporter = make_secret(kept := make_ticket("active")), with_browser("other token")
    duplicate = merge_ticket(make_ticket(by=reporter), into=kept, by=HELPDESK)
    brought = make_link(kept, by=reporter, token="other token")
    undo(duplicate)
    brought.refresh_from_db()
    assert brought.revoked_at
    assert find_by_secret(own)


def test_undo_of_a_closed_kept_ticket_corrects_its_count(kept):
    duplicate = merge_ticket(make_ticket(by=with_browser("reporter")), into=kept, by=HELPDESK)
    close_ticket(kept, by=HELPDESK)
    undo(duplicate)
    kept.refresh_from_db()
    assert (browsers(kept), kept.me_too) == (set(), 0)


@pytest.mark.parametrize("redacted", ["duplicate", "kept"])
def test_who_was_counted_before_a_redaction_stays_counted(kept, redacted):
    """Nothing says any more who it was."""
    duplicate = merge_ticket(make_ticket(by=with_browser("reporter")), into=kept, by=HELPDESK)
    redact_ticket({"duplicate": duplicate, "kept": kept}[redacted], reason="Asked for")
    undo(duplicate)
    kept.refresh_from_db()
    assert kept.me_too == 1


def begin_undo(pool: ThreadPoolExecutor, duplicate: Ticket) -> Future[Ticket]:
    """Of the duplicate as it was read before. Returns when the undo waits for a lock of this transaction, or
    has ended."""

    def run() -> Ticket:
        try:
            return undo(duplicate)
        finally:
            connection.close()

    undone = pool.submit(run)
    wait_until(lambda: is_waiting() or undone.done())
    return undone


def versions(ticket: Ticket) -> list[tuple[str, int]]:
    return list(ticket.events.values_list("verb", "version"))


@pytest.mark.django_db(transaction=True)
def test_undo_records_the_kept_ticket_as_a_concurrent_edit_leaves_it(kept):
    duplicate = merge_ticket(make_ticket(), into=kept, by=HELPDESK)
    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            edit_ticket(kept, by=HELPDESK, version=kept.version, changes={"room": "Lobby"})
            undone = begin_undo(pool, duplicate)
        undone.result()
    assert versions(kept)[-2:] == [("edited", 3), ("unmerged", 3)]


@pytest.mark.django_db(transaction=True)
def test_undo_finds_the_ticket_into_which_the_kept_one_is_merged_meanwhile(kept):
    between = make_ticket("active")
    duplicate = merge_ticket(make_ticket(), into=between, by=HELPDESK)
    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            merge_ticket(between, into=kept, by=HELPDESK)
            undone = begin_undo(pool, duplicate)
        undone.result()
    assert [versions(ticket)[-1][0] for ticket in (between, kept)] == ["merged", "unmerged"]


@pytest.mark.django_db(transaction=True)
def test_second_of_two_undos_is_told_that_the_ticket_is_not_merged(kept):
    duplicate = merge_ticket(make_ticket(), into=kept, by=HELPDESK)
    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            undo(Ticket.objects.get(pk=duplicate.pk))
            undone = begin_undo(pool, duplicate)
        with pytest.raises(WrongState) as refused:
            undone.result()
    assert refused.value.title == f"Ticket {duplicate.pk} is not merged"
