from datetime import UTC, datetime, timedelta

import pytest

from campus_helpdesk.celery import Tick, app


@pytest.mark.parametrize(
    ("ago", "is_due"), [(0, False), (4, False), (6, True), (-1, True), (-600, True), (86400, True)]
)
def test_tick_is_due_in_time_and_after_the_clock_was_set_back(ago, is_due):
    state = Tick(5.0, app=app).is_due(datetime.now(UTC) - timedelta(seconds=ago))
    assert state.is_due is is_due
    assert 0 < state.next <= 5


def test_all_short_ticks_bear_a_clock_that_is_set_back():
    schedules = [entry["schedule"] for entry in app.conf.beat_schedule.values()]
    assert sorted(tick.seconds for tick in schedules if isinstance(tick, Tick)) == [5, 15]
    assert not any(isinstance(tick, float) for tick in schedules)
