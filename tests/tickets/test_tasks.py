import logging

import pytest
from django.db import connection

from campus_helpdesk.celery import app
from tests.support.factories import make_ticket, row
from tests.support.sentence_models import needs_sentence_model
from tickets.embeddings import TicketEmbedding
from tickets.models import IdempotencyKey, Ticket
from tickets.second_opinions import find_sentence_model_in_use
from tickets.tasks import LIMIT, give_second_opinions, prune_idempotency_keys, retrain_triage
from tickets.triage import sentence_model
from tickets.triage.sentence_head import load_head

MAKE_OLDER = "UPDATE tickets_idempotencykey SET created_at = now() - %s::interval WHERE key = %s"


@pytest.mark.django_db
def test_retraining_without_a_new_correction_is_logged(caplog):
    caplog.set_level(logging.INFO)
    retrain_triage()
    assert "There are no new corrections since the last retraining" in caplog.text


@pytest.mark.django_db
def test_expired_idempotency_key_is_deleted_and_its_ticket_stays():
    for key, age in (("young", "23 hours"), ("old", "25 hours")):
        make_ticket(key=key)
        with connection.cursor() as cursor:
            cursor.execute(MAKE_OLDER, [age, key])
    prune_idempotency_keys()
    assert [key.key for key in IdempotencyKey.objects.all()] == ["young"]
    assert Ticket.objects.count() == 2
    assert prune_idempotency_keys.name in {entry["task"] for entry in app.conf.beat_schedule.values()}


@needs_sentence_model
@pytest.mark.django_db
def test_second_opinions_are_given_every_few_seconds():
    ticket = make_ticket()
    give_second_opinions()
    assert TicketEmbedding.objects.filter(ticket=ticket).exists()
    entries = [
        entry for entry in app.conf.beat_schedule.values() if entry["task"] == give_second_opinions.name
    ]
    assert [entry["schedule"] for entry in entries] == [3.0]


@pytest.mark.django_db
def test_without_the_sentence_model_no_ticket_is_read(monkeypatch):
    monkeypatch.setattr(sentence_model, "PACKAGE", "no-such-package")
    sentence_model.load_sentence_model.cache_clear()
    load_head.cache_clear()
    before = row(make_ticket())
    give_second_opinions()
    assert Ticket.objects.values().get() == before
    assert find_sentence_model_in_use() == ""


def test_retraining_runs_nightly_for_at_most_ten_minutes():
    assert (LIMIT, retrain_triage.soft_time_limit) == (600, 600)
    nightly = [entry for entry in app.conf.beat_schedule.values() if entry["task"] == retrain_triage.name]
    assert [entry["schedule"].hour for entry in nightly] == [{3}]
