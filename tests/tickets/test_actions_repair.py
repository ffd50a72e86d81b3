"""Data fixes in the admin: any status, with a reason, by the helpdesk alone."""

import pytest
from django.db import DatabaseError, transaction

from common.errors import Invalid, NotAllowed
from tests.support.factories import HELPDESK, USER, make_ticket, row
from tickets import actions
from tickets.errors import VersionStale
from tickets.models import Correction, Ticket

pytestmark = pytest.mark.django_db


def test_repair_ticket_corrects_a_move_with_a_reason():
    ticket = make_ticket("closed")
    actions.repair_ticket(ticket, by=HELPDESK, reason="Closed the wrong one", changes={"status": "active"})
    assert (ticket.status, ticket.closed_at) == ("active", None)
    last = ticket.events.last()
    assert (last.verb, last.reason) == ("repaired", "Closed the wrong one")
    actions.close_ticket(ticket, by=HELPDESK)


def test_repair_ticket_needs_helpdesk_and_reason():
    ticket = make_ticket("closed")
    before = row(ticket)
    with pytest.raises(NotAllowed):
        actions.repair_ticket(ticket, by=USER, reason="x", changes={"room": "1"})
    with pytest.raises(Invalid):
        actions.repair_ticket(ticket, by=HELPDESK, reason=" ", changes={"room": "1"})
    assert row(ticket) == before


def test_repair_ticket_increments_the_version_and_refuses_a_stale_row():
    ticket, same = make_ticket("closed"), Ticket.objects.get()
    before = ticket.modified_at
    actions.repair_ticket(ticket, by=HELPDESK, reason="A typing error", changes={"room": "theirs"})
    assert (ticket.version, ticket.room) == (4, "theirs")
    assert ticket.modified_at > before
    with pytest.raises(VersionStale):
        actions.repair_ticket(same, by=HELPDESK, reason="A typing error", changes={"room": "mine"})
    assert row(ticket)["room"] == "theirs"


def test_repair_ticket_with_the_same_values_changes_nothing():
    ticket = make_ticket("closed")
    before = row(ticket)
    same = {"status": "closed", "room": "", "category": ticket.category}
    actions.repair_ticket(ticket, by=HELPDESK, reason="Nothing", changes=same)
    assert row(ticket) == before
    assert [event.verb for event in ticket.events.all()] == ["opened", "activated", "closed"]


def test_repair_ticket_of_the_category_is_a_correction():
    ticket = make_ticket("closed", description="???")
    old = ticket.category
    new = "it" if old == "services" else "services"
    actions.repair_ticket(ticket, by=HELPDESK, reason="Wrong desk", changes={"category": new})
    assert (ticket.category, ticket.category_source, ticket.needs_review) == (new, "person", False)
    assert list(Correction.objects.values_list("old", "new", "by_name")) == [(old, new, "Hedda")]
    actions.repair_ticket(ticket, by=HELPDESK, reason="A typing error", changes={"room": "2"})
    assert Correction.objects.count() == 1


@pytest.mark.parametrize(
    ("before", "after", "has_moments"),
    [
        ("closed", "open", (False, False)),
        ("closed", "active", (True, False)),
        ("active", "open", (False, False)),
        ("open", "active", (True, False)),
        ("open", "closed", (True, True)),
    ],
)
def test_repair_ticket_sets_the_timestamps_of_the_status(before, after, has_moments):
    ticket = make_ticket(before)
    known = ticket.activated_at
    actions.repair_ticket(ticket, by=HELPDESK, reason="A wrong move", changes={"status": after})
    assert ticket.status == after
    assert (ticket.activated_at is not None, ticket.closed_at is not None) == has_moments
    if known and ticket.activated_at:
        assert ticket.activated_at == known


def test_repair_ticket_bypasses_triggers_only_for_itself():
    ticket = make_ticket("closed")
    actions.repair_ticket(ticket, by=HELPDESK, reason="A typing error", changes={"room": "2"})
    with pytest.raises(DatabaseError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(status="open", closed_at=None, activated_at=None)


def test_reason_of_a_repair_has_at_most_500_characters():
    ticket = make_ticket()
    with pytest.raises(Invalid) as refusal:
        actions.repair_ticket(ticket, by=HELPDESK, reason="x" * 501, changes={"room": "2"})
    assert (list(refusal.value.errors), row(ticket)["room"]) == (["reason"], "")
    actions.repair_ticket(ticket, by=HELPDESK, reason="x" * 500, changes={"room": "2"})
    assert row(ticket)["room"] == "2"
