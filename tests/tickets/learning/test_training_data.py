import pytest

from messaging.redaction import redact_ticket
from tests.support.factories import HELPDESK, make_ticket
from tests.support.triage_models import correct, make_version
from tickets.actions import correct_category
from tickets.learning.training_data import has_new_corrections, read_training_data
from tickets.models import Correction
from tickets.triage import corpus

pytestmark = pytest.mark.django_db


def test_training_data_is_the_last_word_on_each_ticket_confirmations_too():
    ticket = make_ticket(description="The lamp is dark")
    for category in ("it", "services"):
        correct_category(ticket, by=HELPDESK, category=category, version=ticket.version)
    correct("The tap drips", "facility")
    data = read_training_data()
    assert [(one.text, one.category) for one in data.examples] == [
        ("The lamp is dark", "services"),
        ("The tap drips", "facility"),
    ]
    assert Correction.objects.last().old == Correction.objects.last().new
    assert data.newest == Correction.objects.last().pk


def test_a_redacted_ticket_teaches_nothing():
    correct("The lamp of Ada Brown is dark", "facility")
    redact_ticket(Correction.objects.get().ticket, reason="asked for")
    assert read_training_data().examples == []


def test_no_correction_is_no_news():
    assert not has_new_corrections(read_training_data())


def test_news_is_a_correction_that_no_retraining_has_seen_or_other_seeds():
    correct("The tap drips", "facility")
    newest = Correction.objects.get().pk
    make_version(0.3, seeds="those of an earlier release", newest_correction=newest)
    assert has_new_corrections(read_training_data())
    make_version(0.4, seeds=corpus.digest(), newest_correction=newest, refusal="Worse.")
    assert not has_new_corrections(read_training_data())
    correct("The tap drips again", "facility")
    assert has_new_corrections(read_training_data())
