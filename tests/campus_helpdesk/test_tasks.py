from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from campus_helpdesk.celery import app
from campus_helpdesk.tasks import prune_sessions


@pytest.mark.django_db
def test_only_ended_sessions_are_deleted(user, helpdesk):
    current = helpdesk.client.session.session_key
    Session.objects.exclude(pk=current).update(expire_date=timezone.now() - timedelta(seconds=1))
    prune_sessions()
    assert [row.pk for row in Session.objects.all()] == [current]
    assert helpdesk.get("/desk/").status_code == 200
    assert user.get("/tickets/").status_code == 302


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
