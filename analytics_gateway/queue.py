"""The only module that publishes. Any failure of the broker becomes QueueUnavailable within 2 s.

A message contains the analysis and the attempt, nothing else. Lost messages are published again by the
reconciler, duplicates are refused when they start: the row decides.
"""

import logging
import time
from math import inf

from celery import current_app
from django.db import transaction
from django.db.models.functions import Now
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from analytics_gateway.models import Analysis, AnalysisQuerySet
from analytics_workers.catalogue import SERVICES
from common.json_logging import MESSAGE_HEADER, current_request_id, log_for_request
from common.test_hooks import wait_at
from common.timeouts import run_within

TASK = "analytics_workers.run_analysis"
PUBLISH_SECONDS = 1.0  # so that a request that publishes is answered within 2 s on a busy machine
BREAK_SECONDS = 10  # without another attempt after a failed one
MESSAGE_SECONDS = 120  # until it expires; the reconciler publishes again long before
BATCH = 100

log = logging.getLogger(__name__)


class QueueUnavailable(Exception):
    """The broker did not take a message: refused, hung, full, wrong password, unknown name."""


class Breaker:
    """A circuit breaker: for BREAK_SECONDS after a failure, publishing fails at once."""

    def __init__(self) -> None:
        self.open_until = -inf

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self.open_until

    def trip(self) -> None:
        self.open_until = time.monotonic() + BREAK_SECONDS

    def reset(self) -> None:
        self.open_until = -inf


breaker = Breaker()


def publish(analysis_id: str, service: str, attempt: int) -> None:
    """Sends this attempt to the service's queue. Raises QueueUnavailable, always within 2 s."""
    if breaker.is_open:
        raise QueueUnavailable("the broker failed a moment ago")
    headers = {MESSAGE_HEADER: current_request_id()}
    try:
        run_within(PUBLISH_SECONDS, lambda: send(analysis_id, service, attempt, headers))
    except (KombuError, RedisError, OSError) as error:
        breaker.trip()
        raise QueueUnavailable(type(error).__name__) from error
    log.info("analysis %s attempt %s published", analysis_id, attempt)


def send(analysis_id: str, service: str, attempt: int, headers: dict[str, str]) -> None:
    current_app.send_task(
        TASK,
        args=[analysis_id, attempt],
        queue=SERVICES[service].queue,
        headers=headers,
        expires=MESSAGE_SECONDS,
        retry=False,
        ignore_result=True,
    )


def publish_queued(rows: AnalysisQuerySet) -> int:
    """Publishes the queued ones of these rows and returns how many. A failure of the broker is logged: the
    rows stay queued and are published later."""
    claimed = claim(rows)
    wait_at("after_commit_before_publish")
    for position, analysis in enumerate(claimed):
        try:
            with log_for_request(analysis.request_id):
                publish(str(analysis.pk), analysis.service, analysis.attempts + 1)
        except QueueUnavailable as error:
            release(claimed[position:])
            log.warning("%d analyses could not be published yet: %s", len(claimed) - position, error)
            return position
    return len(claimed)


def claim(rows: AnalysisQuerySet) -> list[Analysis]:
    """Marks rows as published before they are, so that no two processes publish the same one and no lock is
    held while the broker responds. Rows that another process is claiming are skipped."""
    with transaction.atomic():
        waiting = rows.queued().filter(service__in=SERVICES).only("id", "service", "attempts", "request_id")
        claimed = list(waiting.order_by("queued_at").select_for_update(skip_locked=True)[:BATCH])
        Analysis.objects.filter(pk__in=[a.pk for a in claimed]).update(published_at=Now())
    return claimed


def release(claimed: list[Analysis]) -> None:
    Analysis.objects.queued().filter(pk__in=[a.pk for a in claimed]).update(published_at=None)
