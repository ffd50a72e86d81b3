from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from campus_helpdesk.celery import app
from campus_helpdesk.tasks import prune_sessions


@pytest.mark.django_db
def test_ended_sessions_go_and_the_others_stay(user, helpdesk):
    kept = helpdesk.client.session.session_key
    Session.objects.exclude(pk=kept).update(expire_date=timezone.now() - timedelta(seconds=1))
    prune_sessions()
    assert [row.pk for row in Session.objects.all()] == [kept]
    assert helpdesk.get("/desk/").status_code == 200
    assert user.get("/tickets/").status_code == 302


def test_every_task_of_the_beat_table_is_one_that_there_is():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
