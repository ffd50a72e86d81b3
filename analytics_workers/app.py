"""The Celery app of the analytics workers: `celery -A analytics_workers.app worker`.

Such a worker consumes the queues of all services; with `-Q analytics.unresolved` that one only. No Django
fix-up: Celery would load Django by itself if its settings variable happens to be set.
"""

import os
import sys

from celery import Celery
from kombu import Exchange, Queue

from analytics_workers.catalogue import SERVICES
from analytics_workers.settings import SettingRefused, Settings, read_settings
from common.celery_options import SHARED_OPTIONS, transport_options


def start_settings() -> Settings:
    """The worker's settings. Ends the process with one readable line if they are invalid."""
    try:
        return read_settings(os.environ)
    except SettingRefused as error:
        sys.exit(f"The analytics worker cannot start: {error}")


SETTINGS = start_settings()

# tasks imports pandas, seaborn and every compute module in the parent, so that forked children share them.
MODULES = ["analytics_workers.tasks", "analytics_workers.signals", "analytics_workers.memory"]
app = Celery("analytics_workers", fixups=(), include=MODULES, amqp="common.broker_connection:PersistentAMQP")

app.conf.update(
    SHARED_OPTIONS,
    broker_url=SETTINGS.broker_url,
    broker_transport_options=transport_options(SETTINGS.broker_prefix, connect_seconds=3, socket_seconds=10),
    task_queues=[Queue(name, Exchange(name), name) for name in (s.queue for s in SERVICES.values())],
    result_backend=None,
    # The attempt is in the message and in the row: a redelivered message would be dropped as a duplicate.
    # Instead a lost child is reported (signals.py), and the gateway publishes the next attempt.
    task_reject_on_worker_lost=False,
    # A running analysis does not need the broker: it reports over HTTP and survives a restart of the broker.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_max_memory_per_child=512_000,
)
