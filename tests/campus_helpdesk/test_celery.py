import time
from contextlib import closing
from datetime import timedelta

import pytest
from celery.beat import PersistentScheduler
from celery.utils.imports import symbol_by_name

from campus_helpdesk.celery import ClockSafeScheduler, app

LATER = timedelta(minutes=10)


@pytest.fixture
def scheduler(tmp_path):
    with closing(ClockSafeScheduler(app=app, schedule_filename=str(tmp_path / "beat-schedule"))) as scheduler:
        scheduler.tick()
        yield scheduler


def test_beat_uses_this_scheduler():
    assert symbol_by_name(app.Beat().scheduler_cls) is ClockSafeScheduler


def set_clock_back(scheduler):
    """As if the clock had been set back ten minutes since the scheduler last read it."""
    for entry in scheduler.schedule.values():
        entry.last_run_at += LATER
    scheduler.last_tick += LATER / timedelta(seconds=1)
    scheduler.populate_heap()


def assert_goes_on(scheduler):
    assert 0 < scheduler.tick() <= 5
    assert scheduler.last_tick <= time.time()
    assert max(entry.last_run_at for entry in scheduler.schedule.values()) <= app.now()


def test_beat_continues_when_the_clock_is_set_back(scheduler):
    set_clock_back(scheduler)
    assert_goes_on(scheduler)


def test_beat_continues_when_the_clock_is_set_back_during_a_tick(scheduler, monkeypatch):
    """It has not noticed yet; it sleeps only shortly until it checks again."""

    def tick(self):
        set_clock_back(scheduler)
        return celery_tick(self)

    celery_tick = PersistentScheduler.tick
    with monkeypatch.context() as patch:
        patch.setattr(PersistentScheduler, "tick", tick)
        assert 0 < scheduler.tick() <= 5
    assert_goes_on(scheduler)


def test_beat_continues_after_the_clock_was_set_back_while_stopped(tmp_path):
    folder = str(tmp_path / "beat-schedule")
    with closing(ClockSafeScheduler(app=app, schedule_filename=folder)) as earlier:
        earlier.tick()
        for entry in earlier.schedule.values():
            entry.last_run_at += LATER
    with closing(ClockSafeScheduler(app=app, schedule_filename=folder)) as scheduler:
        assert_goes_on(scheduler)


def test_beat_keeps_its_intervals_while_the_clock_runs_normally(scheduler):
    moments = {name: entry.last_run_at for name, entry in scheduler.schedule.items()}
    assert 0 < scheduler.tick() <= 5
    assert {name: entry.last_run_at for name, entry in scheduler.schedule.items()} == moments
