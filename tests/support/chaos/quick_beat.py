"""The product's beat with a tick of one second: `celery -A tests.support.chaos.quick_beat beat`."""

from campus_helpdesk.celery import app

__all__ = ["app"]

for entry in app.conf.beat_schedule.values():
    if isinstance(entry["schedule"], float):
        entry["schedule"] = 1.0
