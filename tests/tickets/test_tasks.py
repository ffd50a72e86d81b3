import logging

import pytest

from campus_helpdesk.celery import app
from tickets.tasks import LIMIT, retrain_triage


@pytest.mark.django_db
def test_retraining_without_a_correction_says_so(caplog):
    caplog.set_level(logging.INFO)
    retrain_triage()
    assert "There is no correction that the last retraining has not seen" in caplog.text


def test_retraining_has_ten_minutes_each_night():
    assert (LIMIT, retrain_triage.soft_time_limit) == (600, 600)
    nightly = [entry for entry in app.conf.beat_schedule.values() if entry["task"] == retrain_triage.name]
    assert [entry["schedule"].hour for entry in nightly] == [{3}]
