"""What the worker's parent process does: logging, heartbeats, and reports about lost children."""

import logging
import time
from typing import Any

import httpx
import redis
from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery.signals import (
    celeryd_init,
    heartbeat_sent,
    setup_logging,
    task_failure,
    task_postrun,
    task_prerun,
)

from analytics_workers.app import SETTINGS, app
from analytics_workers.helpdesk_api import HelpdeskApi, HelpdeskApiError
from analytics_workers.tasks import TIMED_OUT
from common.heartbeats import host_heartbeat
from common.json_logging import clear_request_id, log_as_json_only, make_logging, set_request_id

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 20
# The parent also listens to the broker, so it must not wait long for an API that does not answer.
PARENT_TIMEOUT = httpx.Timeout(2)

heartbeats = redis.Redis.from_url(SETTINGS.redis_url, socket_timeout=1, socket_connect_timeout=1)

task_prerun.connect(set_request_id)
task_postrun.connect(clear_request_id)


@celeryd_init.connect  # before its first warning
@setup_logging.connect
def configure_logging(**kwargs: Any) -> None:
    """Other loggers, such as those of httpx and matplotlib, log every request and every axis at INFO."""
    log_as_json_only(make_logging({"analytics_workers": "INFO", "celery": "INFO"}))


@heartbeat_sent.connect
def send_heartbeat(**kwargs: Any) -> None:
    """For each queue that this worker consumes: a key shared by all workers of the queue, and one of this
    host. They expire when those workers stop."""
    try:
        for queue in app.amqp.queues.consume_from:
            key = f"{SETTINGS.broker_prefix}heartbeat:worker:{queue}"
            for name in (key, host_heartbeat(key)):
                heartbeats.set(name, int(time.time()), ex=HEARTBEAT_SECONDS)
    except redis.RedisError as error:
        log.warning("could not write heartbeat: %s", type(error).__name__)


@task_failure.connect
def report_lost_child(exception: BaseException, args: Any, **kwargs: Any) -> None:
    """A killed child cannot report itself, so its parent does. The helpdesk queues the next attempt, unless
    the time limit was exceeded."""
    if not isinstance(exception, WorkerLostError | TimeLimitExceeded):
        return
    analysis, attempt = args
    has_timed_out = isinstance(exception, TimeLimitExceeded)
    reason = TIMED_OUT if has_timed_out else "The worker process was lost."
    try:
        with HelpdeskApi(SETTINGS, timeout=PARENT_TIMEOUT, tries=1) as api:
            api.report_failure(analysis, attempt, reason, retry=not has_timed_out)
    except HelpdeskApiError as error:
        log.warning("analysis %s attempt %s: lost child not reported: %s", analysis, attempt, error)
