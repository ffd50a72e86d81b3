import json
import threading
import time
from base64 import b64decode
from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
from django.conf import settings

from analytics_gateway import queue
from analytics_gateway.actions import request_analysis
from analytics_gateway.attempts import fail_analysis
from analytics_gateway.heartbeats import broker_key
from analytics_gateway.models import Analysis
from analytics_gateway.queue import QueueUnavailable, breaker, publish, publish_queued
from analytics_gateway.reconciler import reconcile
from common.json_logging import log_for_request
from tests.support.analyses import HELPDESK, make_analysis, make_running, run_concurrently
from tests.support.brokers import STATES, broker_in
from tests.support.own_valkey import own_valkey


def test_message_contains_only_the_analysis_and_the_attempt(valkey):
    publish("1c1f", "resolution-time", 2)
    message = json.loads(valkey.lpop(broker_key("analytics.resolution-time")))
    assert message["headers"]["task"] == "analytics_workers.run_analysis"
    assert message["headers"]["ignore_result"]
    assert message["content-type"] == "application/json"
    life = datetime.fromisoformat(message["headers"]["expires"]) - datetime.now(UTC)
    assert 110 < life.total_seconds() <= 120
    args, kwargs, _ = json.loads(b64decode(message["body"]))
    assert (args, kwargs) == (["1c1f", 2], {})


@pytest.mark.django_db(transaction=True)
def test_message_has_the_id_of_the_original_request_also_when_republished(valkey):
    with log_for_request("the-click"):
        analysis = request_analysis("active-by-category", {}, by=HELPDESK)
    assert analysis.request_id == "the-click"
    Analysis.objects.update(published_at=None)
    with log_for_request("the-tick-of-beat"):
        assert reconcile().published == 1
    messages = [json.loads(valkey.rpop(broker_key("analytics.active-by-category"))) for _ in range(2)]
    assert [message["headers"]["request_id"] for message in messages] == ["the-click"] * 2


def test_publishing_works_in_any_thread(valkey):
    assert run_concurrently(4, lambda: publish("1c1f", "unresolved", 1)) == [None] * 4
    assert valkey.llen(broker_key("analytics.unresolved")) == 4


@pytest.mark.parametrize("state", STATES)
def test_broker_failure_is_reported_within_two_seconds(state, broker_at):
    with broker_in(state) as url:
        broker_at(url)
        began = time.monotonic()
        with pytest.raises(QueueUnavailable):
            publish("1c1f", "unresolved", 1)
        assert time.monotonic() - began < 2


def test_open_breaker_fails_at_once(broker_at, valkey):
    with broker_in("hung") as url:
        broker_at(url)
        with pytest.raises(QueueUnavailable):
            publish("1c1f", "unresolved", 1)
        began = time.monotonic()
        assert 9 < breaker.open_until - began <= 10
        for _ in range(50):
            with pytest.raises(QueueUnavailable):
                publish("1c1f", "unresolved", 1)
        assert time.monotonic() - began < 0.1
    broker_at(settings.CELERY_BROKER_URL)
    breaker.open_until = time.monotonic()
    publish("1c1f", "unresolved", 1)
    assert valkey.llen(broker_key("analytics.unresolved")) == 1


def test_programming_error_is_not_reported_as_a_broker_failure(valkey):
    with pytest.raises(KeyError):
        publish("1c1f", "weather", 1)
    assert not breaker.is_open


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", STATES)
def test_request_is_stored_in_time_whatever_the_broker_does(state, broker_at):
    with broker_in(state) as url:
        broker_at(url)
        began = time.monotonic()
        answers = run_concurrently(
            5, lambda: request_analysis("active-by-category", {}, by=HELPDESK, is_fresh=True)
        )
        assert time.monotonic() - began < 2
    assert all(isinstance(answer, Analysis) for answer in answers)
    assert Analysis.objects.queued().filter(published_at=None).count() == 5


@pytest.mark.django_db(transaction=True)
def test_unpublished_analyses_are_published_when_the_broker_is_back(broker_at, valkey):
    with own_valkey() as (port, process):
        broker_at(f"redis://127.0.0.1:{port}/0")
        process.kill()
        process.wait()
        request_analysis("active-by-category", {}, by=HELPDESK)
    breaker.reset()
    with own_valkey() as (port, _):
        broker_at(f"redis://127.0.0.1:{port}/0")
        assert reconcile().published == 1
    assert Analysis.objects.get().published_at


@pytest.mark.django_db
def test_publishing_stops_at_the_first_failure_and_releases_the_rows(broker_at):
    for _ in range(3):
        make_analysis()
    with broker_in("refused") as url:
        broker_at(url)
        assert publish_queued(Analysis.objects.all()) == 0
    assert Analysis.objects.filter(published_at=None).count() == 3


@pytest.mark.django_db
def test_analyses_before_the_failure_are_published(monkeypatch, caplog):
    monkeypatch.setattr(queue, "send", Mock(side_effect=[None, ConnectionResetError]))
    made = [make_analysis() for _ in range(3)]
    assert publish_queued(Analysis.objects.all()) == 1
    assert Analysis.objects.get(published_at__isnull=False) == made[0]
    assert "2 analyses could not be published yet" in caplog.text


@pytest.mark.django_db
def test_next_attempt_is_published_with_its_number(valkey):
    analysis = make_running()
    fail_analysis(analysis.pk, 1, "The API did not answer.", retry=True)
    assert publish_queued(Analysis.objects.all()) == 1
    (message,) = map(json.loads, valkey.lrange(broker_key("analytics.unresolved"), 0, -1))
    assert json.loads(b64decode(message["body"]))[0] == [str(analysis.pk), 2]


@pytest.mark.django_db
def test_a_hundred_analyses_are_published_at_a_time(valkey):
    Analysis.objects.bulk_create(Analysis(service="ageing", asked_by_role="helpdesk") for _ in range(101))
    assert [publish_queued(Analysis.objects.filter(published_at=None)) for _ in range(3)] == [100, 1, 0]
    assert valkey.llen(broker_key("analytics.ageing")) == 101


def test_abandoned_threads_end_by_themselves(broker_at):
    before = threading.active_count()
    with broker_in("hung") as url:
        broker_at(url)
        for _ in range(3):
            breaker.reset()
            with pytest.raises(QueueUnavailable):
                publish("1c1f", "unresolved", 1)
        deadline = time.monotonic() + 15
        while threading.active_count() > before and time.monotonic() < deadline:
            time.sleep(0.1)
    assert threading.active_count() <= before
