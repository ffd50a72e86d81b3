import threading

import pytest
from django.db import connection

from common.errors import Invalid, NotAllowed
from messaging.actions import post_message
from tests.support.factories import HELPDESK, OTHER_USER, USER, make_ticket, row
from tickets import actions
from tickets.errors import KeyReused, VersionMissing, VersionStale, WrongState
from tickets.models import Correction, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


def test_open_ticket_is_open_categorised_and_recorded():
    ticket = actions.open_ticket(by=USER, description=" The wifi is down ", building="Library", room="2")
    assert (ticket.status, ticket.version, ticket.description) == ("open", 1, "The wifi is down")
    assert (ticket.category, ticket.category_source, ticket.closed_at) == ("it", "machine", None)
    assert ticket.opened_at == ticket.modified_at
    assert ticket.triage_evidence
    assert [event.verb for event in ticket.events.all()] == ["opened"]


def test_open_ticket_names_every_invalid_field_and_creates_nothing():
    with pytest.raises(Invalid) as refusal:
        actions.open_ticket(by=USER, description=" ", building="x" * 101, room="a\x00")
    assert set(refusal.value.errors) == {"description", "building", "room"}
    assert not Ticket.objects.exists()
    assert not TicketEvent.objects.exists()


def test_open_ticket_creates_one_ticket_per_key_and_session():
    first = actions.open_ticket(by=USER, description="The tap drips", key="k")
    assert actions.open_ticket(by=USER, description="The tap drips", key="k").pk == first.pk
    assert actions.open_ticket(by=OTHER_USER, description="The tap drips", key="k").pk != first.pk
    with pytest.raises(KeyReused):
        actions.open_ticket(by=USER, description="Another text", key="k")
    assert Ticket.objects.count() == 2


def test_edit_ticket_increments_version_and_modified_at():
    ticket = make_ticket()
    before = row(ticket)
    actions.edit_ticket(ticket, by=OTHER_USER, version=1, changes={"room": "12"})
    assert ticket.version == 2
    assert ticket.modified_at > before["modified_at"]
    assert ticket.opened_at == before["opened_at"]


def test_edit_ticket_with_the_same_values_changes_nothing():
    ticket = make_ticket()
    before = row(ticket)
    actions.edit_ticket(ticket, by=USER, version=1, changes={"description": f" {ticket.description} "})
    assert row(ticket) == before


def test_edit_ticket_needs_the_current_version():
    ticket = make_ticket()
    actions.edit_ticket(ticket, by=USER, version=1, changes={"room": "12"})
    before = row(ticket)
    with pytest.raises(VersionMissing):
        actions.edit_ticket(ticket, by=USER, version=None, changes={"room": "13"})
    with pytest.raises(VersionStale) as refusal:
        actions.edit_ticket(ticket, by=USER, version=1, changes={"room": "13"})
    assert refusal.value.current.version == 2
    assert row(ticket) == before


def test_edit_ticket_refuses_a_row_that_became_stale():
    ticket, same = make_ticket(), Ticket.objects.get()
    actions.edit_ticket(same, by=OTHER_USER, version=1, changes={"room": "theirs"})
    with pytest.raises(VersionStale):
        actions.edit_ticket(ticket, by=USER, version=1, changes={"room": "mine"})
    assert row(ticket)["room"] == "theirs"


def test_edit_ticket_categorises_a_new_text_unless_a_person_chose():
    ticket = make_ticket(description="The wifi is down, nobody can log in")
    actions.edit_ticket(ticket, by=USER, version=1, changes={"description": "The elevator is stuck"})
    assert ticket.category == "facility"
    actions.correct_category(ticket, by=HELPDESK, category="services", version=2)
    actions.edit_ticket(ticket, by=USER, version=3, changes={"description": "The wifi is down again"})
    assert (ticket.category, ticket.category_source) == ("services", "person")


def test_edit_ticket_refuses_a_closed_ticket():
    ticket = make_ticket("closed")
    before = row(ticket)
    with pytest.raises(WrongState):
        actions.edit_ticket(ticket, by=HELPDESK, version=ticket.version, changes={"room": "1"})
    assert row(ticket) == before


def test_correct_category_records_a_correction():
    ticket = make_ticket(description="The wifi is down")
    actions.correct_category(ticket, by=USER, category="services", version=1)
    correction = Correction.objects.get()
    assert (correction.old, correction.new, correction.by_role) == ("it", "services", "user")
    assert (ticket.category_source, ticket.needs_review) == ("person", False)
    assert correction.triage_model == ticket.triage_model


def test_correct_category_is_refused_to_other_users_and_after_activation():
    ticket = make_ticket()
    with pytest.raises(NotAllowed):
        actions.correct_category(ticket, by=OTHER_USER, category="it", version=1)
    actions.activate_ticket(ticket, by=HELPDESK)
    with pytest.raises(NotAllowed):
        actions.correct_category(ticket, by=USER, category="it", version=2)


def test_moves_go_one_step_and_set_their_timestamps():
    ticket = make_ticket()
    with pytest.raises(WrongState):
        actions.close_ticket(ticket, by=HELPDESK)
    actions.activate_ticket(ticket, by=HELPDESK)
    assert ticket.activated_at == ticket.modified_at
    with pytest.raises(WrongState):
        actions.activate_ticket(ticket, by=HELPDESK)
    actions.close_ticket(ticket, by=HELPDESK)
    assert ticket.closed_at == ticket.modified_at > ticket.activated_at
    assert ticket.version == 3


@pytest.mark.parametrize("move", [actions.activate_ticket, actions.close_ticket])
def test_moves_are_refused_to_users(move):
    ticket = make_ticket("active" if move is actions.close_ticket else "open")
    before = row(ticket)
    with pytest.raises(NotAllowed):
        move(ticket, by=USER)
    assert row(ticket) == before


def test_message_changes_modified_at_but_not_the_version():
    ticket = make_ticket()
    before = row(ticket)
    post_message(ticket, by=USER, body="Still dark")
    after = row(ticket)
    assert after["modified_at"] > before["modified_at"]
    assert (after["version"], after["first_answered_at"]) == (1, None)
    answer = post_message(ticket, by=HELPDESK, body="On our way")
    assert row(ticket)["first_answered_at"] == answer.sent_at


def test_note_is_recorded_without_changing_the_ticket():
    ticket = make_ticket()
    before = row(ticket)
    post_message(ticket, by=HELPDESK, body="Spare part ordered", is_internal=True)
    assert row(ticket) == before
    assert [event.verb for event in ticket.events.all()] == ["opened", "noted"]


def test_modified_at_increases_even_when_the_clock_goes_back():
    ticket = make_ticket()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_ticket SET modified_at = '2100-01-01T00:00:00Z' WHERE id = %s", [ticket.pk]
        )
    ticket.refresh_from_db()
    future = ticket.modified_at
    post_message(ticket, by=USER, body="Hello from the past")
    assert ticket.modified_at > future


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"category": "food"}, {"category": ["Choose one of: facility, it, services."]}),
        ({"status": "closed", "room": "1"}, {"status": ["This field cannot be changed."]}),
    ],
)
def test_edit_ticket_names_invalid_and_read_only_fields(changes, errors):
    ticket = make_ticket()
    before = row(ticket)
    with pytest.raises(Invalid) as refusal:
        actions.edit_ticket(ticket, by=HELPDESK, version=1, changes=changes)
    assert refusal.value.errors == errors
    assert row(ticket) == before


def test_confirming_triages_category_is_recorded_once():
    ticket = make_ticket(description="The wifi is down")
    actions.correct_category(ticket, by=HELPDESK, category="it", version=1)
    assert (ticket.version, ticket.category_source) == (2, "person")
    actions.correct_category(ticket, by=HELPDESK, category="it", version=2)
    assert ticket.version == 2
    assert Correction.objects.count() == 1
    assert ticket.events.last().verb == "corrected"
    actions.edit_ticket(ticket, by=HELPDESK, version=2, changes={"category": "services", "room": "2"})
    assert ticket.events.last().verb == "edited"
    assert Correction.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_of_eight_concurrent_moves_succeeds():
    ticket = make_ticket()
    barrier, outcomes = threading.Barrier(8), []

    def race():
        same = Ticket.objects.get(pk=ticket.pk)
        barrier.wait()
        try:
            actions.activate_ticket(same, by=HELPDESK)
            outcomes.append("won")
        except WrongState:
            outcomes.append("lost")
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["lost"] * 7 + ["won"]
    assert [event.verb for event in ticket.events.all()] == ["opened", "activated"]


@pytest.mark.django_db(transaction=True)
def test_eight_concurrent_reports_with_one_key_create_one_ticket():
    barrier, made = threading.Barrier(8), []

    def race():
        barrier.wait()
        made.append(actions.open_ticket(by=USER, description="The tap drips", key="k").pk)
        connection.close()

    threads = [threading.Thread(target=race) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(made) == 8
    assert len(set(made)) == Ticket.objects.count() == 1
