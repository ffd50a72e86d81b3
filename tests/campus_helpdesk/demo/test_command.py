from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from analytics_gateway.models import Pin
from messaging.models import Message
from tests.support.factories import make_ticket
from tickets.following.models import Feedback
from tickets.models import Correction, Source, Ticket

pytestmark = pytest.mark.django_db


def test_demo_fills_an_empty_campus():
    call_command("demo", tickets=400, seed=5, until=None)
    assert Ticket.objects.count() == 400
    assert Message.objects.count() > 1000
    assert set(Ticket.objects.values_list("status", flat=True)) == {"open", "active", "closed"}
    assert not Ticket.objects.filter(modified_at__gt=datetime.now(UTC)).exists()


def test_demo_stores_the_prediction_of_triage():
    call_command("demo", tickets=200, seed=5, until=None)
    assert not Ticket.objects.filter(triage_model="").exists()
    machine = Ticket.objects.filter(category_source=Source.MACHINE)
    assert machine.count() > 100
    assert machine.filter(triage_evidence=[]).count() < 20
    assert not Ticket.objects.filter(category_source=Source.PERSON, needs_review=True).exists()


def test_demo_has_unsure_reports_some_of_which_need_review():
    call_command("demo", tickets=2000, seed=5, until=None)
    waiting = Ticket.objects.unresolved().filter(needs_review=True)
    assert waiting.filter(triage_confidence__gte=0.7).count() == 0
    assert 0.03 < waiting.count() / Ticket.objects.unresolved().count() < 0.4


def test_demo_stores_confirmations_and_corrections():
    call_command("demo", tickets=400, seed=5, until=None)
    corrections = Correction.objects.select_related("ticket")
    assert {correction.ticket_id for correction in corrections} == set(
        Ticket.objects.filter(category_source=Source.PERSON).values_list("id", flat=True)
    )
    confirmed = [correction for correction in corrections if correction.old == correction.new]
    assert 10 < len(confirmed) < len(corrections) - 10
    for correction in corrections:
        ticket = correction.ticket
        assert correction.new == ticket.category
        assert correction.triage_model == ticket.triage_model != ""
        assert correction.at == (ticket.activated_at or ticket.opened_at)


def test_demo_has_answers_to_whether_it_is_solved():
    call_command("demo", tickets=400, seed=5, until=None)
    answers = Feedback.objects.select_related("ticket")
    assert 0.15 < answers.count() / Ticket.objects.filter(status="closed").count() < 0.45
    assert 0.6 < answers.filter(is_solved=True).count() / answers.count() < 0.95
    for answer in answers:
        assert answer.ticket.closed_at < answer.given_at < datetime.now(UTC)


def test_demo_pins_three_analyses_on_a_new_site():
    call_command("demo", tickets=30, seed=5, until=None)
    pinned = list(Pin.objects.values_list("service", "params"))
    assert pinned == [("active-by-category", {}), ("unresolved", {"period": "7d"}), ("backlog", {"days": 30})]


@pytest.mark.parametrize("is_empty", [False, True])
def test_demo_pins_nothing_beside_tickets_or_without_any(is_empty):
    if not is_empty:
        make_ticket()
    call_command("demo", tickets=0 if is_empty else 30, seed=5, until=None)
    assert not Pin.objects.exists()


def test_repeated_demo_changes_nothing(capsys):
    call_command("demo", tickets=30, seed=5, until=None)
    before = list(Ticket.objects.values()), list(Feedback.objects.values())
    call_command("demo", tickets=30, seed=5, until=None)
    assert (list(Ticket.objects.values()), list(Feedback.objects.values())) == before
    assert "30 tickets already existed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"tickets": -1}, "between 0"),
        ({"until": datetime.now(UTC).date() + timedelta(days=2)}, "future"),
        ({"until": datetime(1901, 1, 1).date()}, "dates before 1903 are not supported"),
    ],
)
def test_demo_refuses_impossible_arguments(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("demo", **{"tickets": 3, "seed": 1, "until": None} | arguments)
    assert not Ticket.objects.exists()
