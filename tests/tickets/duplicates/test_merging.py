"""Merging duplicates: what moves, what stays, who is led where, and taking it back."""

import pytest
from django.db import IntegrityError, transaction

from common.errors import Invalid, NotAllowed
from messaging.actions import post_message
from tests.support.factories import HELPDESK, USER, make_ticket, row, with_browser
from tickets.duplicates.me_too import say_me_too
from tickets.duplicates.merging import find_duplicates, find_kept, merge_ticket, undo_merge
from tickets.errors import WrongState
from tickets.facts import FIELDS, with_solved
from tickets.following.actions import follow
from tickets.following.models import Follower, Reason
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Ticket:
    return make_ticket("active", description="The lift is stuck")


@pytest.fixture
def duplicate() -> Ticket:
    return make_ticket(description="Elevator does not move", by=with_browser("reporter", USER))


def verbs(ticket: Ticket) -> list[str]:
    return list(TicketEvent.objects.filter(pgh_obj=ticket).order_by("pgh_id").values_list("verb", flat=True))


def reasons(ticket: Ticket) -> dict[str, str]:
    return {one.browser[:4]: one.reason for one in Follower.objects.filter(ticket=ticket)}


def test_duplicate_goes_step_by_step_to_closed_and_points_to_the_kept_ticket(kept, duplicate):
    before = row(kept)
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    assert (duplicate.status, duplicate.merged_into_id, duplicate.version) == ("closed", kept.pk, 3)
    assert verbs(duplicate) == ["opened", "merged", "merged"]
    assert verbs(kept) == ["opened", "activated", "merged"]
    events = TicketEvent.objects.filter(verb="merged").order_by("pgh_id")
    assert [event.reason for event in events] == [
        f"Duplicate of ticket {kept.pk}.",
        f"Duplicate of ticket {kept.pk}.",
        f"Ticket {duplicate.pk} is a duplicate of this one.",
    ]
    assert row(kept) == before | {name: row(kept)[name] for name in ("me_too", "changed_xid")}


def test_active_duplicate_is_only_closed(kept):
    duplicate = make_ticket("active")
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    assert verbs(duplicate) == ["opened", "activated", "merged"]


def test_followers_move_along_and_count_once(kept, duplicate):
    say_me_too(duplicate, by=with_browser("both"))
    say_me_too(kept, by=with_browser("both"))
    follow(duplicate, by=with_browser("follower"), reason=Reason.FOLLOWED)
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    kept.refresh_from_db()
    assert sorted(reasons(kept).values()) == [Reason.FOLLOWED, Reason.ME_TOO, Reason.ME_TOO]
    assert kept.me_too == 2
    assert len(reasons(duplicate)) == 3


def test_what_was_merged_into_a_duplicate_points_to_the_kept_ticket(kept, duplicate):
    earlier = make_ticket()
    merge_ticket(earlier, into=duplicate, by=HELPDESK)
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    earlier.refresh_from_db()
    assert earlier.merged_into_id == kept.pk
    assert set(find_duplicates(kept, by=HELPDESK)) == {earlier, duplicate}


def test_user_may_not_merge(kept, duplicate):
    before = row(duplicate)
    with pytest.raises(NotAllowed):
        merge_ticket(duplicate, into=kept, by=USER)
    assert row(duplicate) == before


@pytest.mark.parametrize("which", ["duplicate", "kept"])
def test_closed_ticket_is_neither_merged_nor_merged_into(kept, duplicate, which):
    closed = make_ticket("closed")
    pair = (closed, kept) if which == "duplicate" else (duplicate, closed)
    before = [row(ticket) for ticket in pair]
    with pytest.raises(WrongState):
        merge_ticket(pair[0], into=pair[1], by=HELPDESK)
    assert [row(ticket) for ticket in pair] == before


def test_ticket_is_not_merged_into_itself(duplicate):
    with pytest.raises(Invalid):
        merge_ticket(duplicate, into=duplicate, by=HELPDESK)
    assert row(duplicate)["status"] == "open"


def test_undo_reopens_with_a_reason_and_takes_the_followers_back(kept, duplicate):
    own = with_browser("own")
    say_me_too(kept, by=own)
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    undo_merge(duplicate, by=HELPDESK, reason="Another lift", changes={"status": "active"})
    assert (duplicate.status, duplicate.merged_into_id) == ("active", None)
    kept.refresh_from_db()
    assert kept.me_too == 1
    assert list(reasons(kept)) == [own.browser[:4]]
    assert verbs(duplicate)[-1] == "repaired"
    assert verbs(kept)[-1] == "unmerged"


def test_undo_needs_a_reason(kept, duplicate):
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    with pytest.raises(Invalid):
        undo_merge(duplicate, by=HELPDESK, reason=" ", changes={"status": "open"})
    assert row(duplicate)["merged_into_id"] == kept.pk


def test_only_who_followed_the_duplicate_is_led_to_the_kept_ticket(kept, duplicate):
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    assert find_kept(duplicate.pk, by=with_browser("reporter", USER)) == kept
    assert find_kept(duplicate.pk, by=with_browser("stranger")) is None
    assert find_kept(duplicate.pk, by=USER) is None
    assert list(find_duplicates(kept, by=with_browser("reporter", USER))) == [duplicate]
    assert not find_duplicates(kept, by=with_browser("stranger")).exists()


def test_facts_of_both_tickets_stay_as_they_were(kept, duplicate):
    post_message(duplicate, by=HELPDESK, body="On the way")
    opened, answered = duplicate.opened_at, Ticket.objects.get(pk=duplicate.pk).first_answered_at
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    facts = with_solved(Ticket.objects.filter(pk=duplicate.pk)).values(*FIELDS).get()
    assert (facts["opened_at"], facts["first_answered_at"], facts["status"]) == (opened, answered, "closed")
    assert facts["closed_at"] > facts["activated_at"] >= opened


@pytest.mark.parametrize("values", [{"merged_into_id": 1}, {"merged_into_id": None, "status": "open"}])
def test_database_refuses_a_pointer_of_an_unresolved_ticket(kept, values):
    target = make_ticket()
    if values["merged_into_id"] is None:
        merge_ticket(target, into=kept, by=HELPDESK)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=target.pk).update(**values | {"version": 9})


def test_database_refuses_a_pointer_to_a_merged_ticket(kept, duplicate):
    third = make_ticket("active")
    merge_ticket(duplicate, into=kept, by=HELPDESK)
    with pytest.raises(IntegrityError, match="not merged itself"), transaction.atomic():
        Ticket.objects.filter(pk=third.pk).update(merged_into=duplicate)
