"""Celery on the Django side: publishes analyses, runs the gateway's own tasks, holds the beat table."""

import os
from datetime import datetime
from typing import Any

from celery import Celery
from celery.schedules import crontab, schedstate, schedule
from celery.signals import celeryd_init, setup_logging

from analytics_gateway.logs import write_lines_only
from campus_helpdesk.logs import LOGGING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "campus_helpdesk.settings")


class Tick(schedule):
    """Every so many seconds. After the clock was set back, at once: Celery would wait until it is back."""

    def is_due(self, last_run_at: datetime) -> schedstate:
        if last_run_at > self.now():
            return schedstate(is_due=True, next=self.seconds)
        return super().is_due(last_run_at)


app = Celery("campus_helpdesk", amqp="analytics_workers.broker:PersistentAMQP")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.task_default_queue = "gateway"
app.conf.beat_schedule = {
    "reconcile": {
        "task": "analytics_gateway.tasks.reconcile_analyses",
        "schedule": Tick(5.0),
        "options": {"expires": 10},
    },
    "reports": {
        "task": "analytics_gateway.tasks.run_due_reports",
        "schedule": Tick(15.0),
        "options": {"expires": 30},
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
    "retraining": {
        "task": "tickets.tasks.retrain_triage",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 3600},
    },
}


@celeryd_init.connect  # before its first warning
@setup_logging.connect
def write_lines(**kwargs: Any) -> None:
    write_lines_only(LOGGING)
