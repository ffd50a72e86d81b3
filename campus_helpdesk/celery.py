"""Celery on the Django side: publishes analyses, runs the gateway's own tasks, contains the beat schedule."""

import os
import time
from math import inf
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import crontab
from celery.signals import celeryd_init, heartbeat_sent, setup_logging, task_postrun, task_prerun

from analytics_gateway.heartbeats import write_process_heartbeat
from campus_helpdesk.configuration.log_settings import LOGGING
from common.celery_options import SHARED_OPTIONS
from common.json_logging import clear_request_id, log_as_json_only, set_request_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "campus_helpdesk.settings")


class ClockSafeScheduler(PersistentScheduler):
    """Continues when the clock is set back: Celery's own would wait until the old time is reached again."""

    last_tick = inf  # the first tick also checks: the clock may have gone back while nothing ran

    def tick(self) -> float:
        now = time.time()
        if now < self.last_tick:
            self.clamp_last_runs()
        self.last_tick = now
        write_process_heartbeat("beat")
        return super().tick()

    def clamp_last_runs(self) -> None:
        now = self.app.now()
        for entry in self.schedule.values():
            entry.last_run_at = min(entry.last_run_at, now)
        self._heap = None


app = Celery("campus_helpdesk", amqp="common.broker_connection:PersistentAMQP")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.update(SHARED_OPTIONS)
app.conf.task_default_queue = "gateway"
app.conf.worker_hijack_root_logger = False
app.conf.worker_cancel_long_running_tasks_on_connection_loss = True
app.conf.beat_scheduler = "campus_helpdesk.celery:ClockSafeScheduler"
app.conf.beat_max_loop_interval = 5  # seconds: a clock set back during a tick is seen by the next one
app.conf.beat_schedule = {
    "reconcile": {
        "task": "analytics_gateway.tasks.reconcile_analyses",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "reports": {
        "task": "analytics_gateway.tasks.run_due_reports",
        "schedule": 15.0,
        "options": {"expires": 30},
    },
    "counts": {
        "task": "tickets.tasks.recount_tickets",
        "schedule": crontab(minute=17),
        "options": {"expires": 600},
    },
    "places": {
        "task": "tickets.tasks.maintain_places",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "pruning": {
        "task": "analytics_gateway.tasks.prune_analyses",
        "schedule": crontab(hour=3, minute=20),
        "options": {"expires": 3600},
    },
    "rates": {
        "task": "campus_helpdesk.tasks.prune_rates",
        "schedule": crontab(hour=3, minute=30),
        "options": {"expires": 3600},
    },
    "sessions": {
        "task": "campus_helpdesk.tasks.prune_sessions",
        "schedule": crontab(hour=3, minute=35),
        "options": {"expires": 3600},
    },
    "keys": {
        "task": "tickets.tasks.prune_idempotency_keys",
        "schedule": crontab(hour=3, minute=38),
        "options": {"expires": 3600},
    },
    "second opinions": {
        "task": "tickets.tasks.give_second_opinions",
        "schedule": 3.0,
        "options": {"expires": 6},
    },
    "outbox": {
        "task": "notifications.tasks.send_deliveries",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "digests": {
        "task": "notifications.tasks.send_digests",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "addresses": {
        "task": "notifications.tasks.forget_addresses",
        "schedule": crontab(hour=3, minute=41),
        "options": {"expires": 3600},
    },
    "photos": {
        "task": "messaging.attachments.tasks.prepare_photos",
        "schedule": 2.0,
        "options": {"expires": 4},
    },
    "retention": {
        "task": "messaging.tasks.remove_old_texts_nightly",
        "schedule": crontab(hour=3, minute=45),
        "options": {"expires": 3600},
    },
    "inbox": {
        "task": "incoming_mail.tasks.poll_inbox",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "old mails": {
        "task": "incoming_mail.tasks.forget_mails",
        "schedule": crontab(hour=3, minute=42),
        "options": {"expires": 3600},
    },
    "orphaned files": {
        "task": "messaging.attachments.tasks.delete_orphaned_files",
        "schedule": crontab(hour=3, minute=39),
        "options": {"expires": 3600},
    },
    "retraining": {
        "task": "tickets.tasks.retrain_triage",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 3600},
    },
}


# Every log line of a task has the id of its request.
task_prerun.connect(set_request_id)
task_postrun.connect(clear_request_id)


@celeryd_init.connect  # before its first warning
@setup_logging.connect
def configure_logging(**kwargs: Any) -> None:
    log_as_json_only(LOGGING)


@heartbeat_sent.connect
def write_worker_heartbeat(**kwargs: Any) -> None:
    write_process_heartbeat("gateway-worker")
