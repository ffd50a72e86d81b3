"""Several schedulers, killed ones, or none for a while: each slot of a schedule gets exactly one report."""

from datetime import timedelta

import pytest

from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.jobs import ExtendedSite, Jobs
from tests.support.chaos.programs import Program, wait_until
from tests.support.chaos.schedules import RUNS, count_runs, let_days_pass, make_schedule
from tests.support.chaos.site import Site

DAY = timedelta(days=1)


def make_beats(site: ExtendedSite, count: int) -> list[Program]:
    """Each with its own state, as on separate machines."""
    beats = []
    for number in range(count):
        state = str(site.folder / f"quick-beat-{number}-{len(site.programs)}")
        command = ["celery", "-A", "tests.support.chaos.quick_beat", "beat", "--schedule", state]
        beats.append(site.add_process("beat", command))
        beats[-1].start()
    return beats


@pytest.mark.fault_fast
def test_reports_once_with_several_schedulers_some_of_them_killed(working, amount, figures):
    periods, kills = amount(3, 20), amount(1, 5)
    working.beat.kill()
    schedule = make_schedule(working)
    beats = make_beats(working, amount(2, 3))
    for period in range(1, periods + 1):
        let_days_pass(working, schedule)
        if period <= kills:
            # During a tick: the report has just been requested, or is about to be.
            beats[period % len(beats)].kill()
            beats[period % len(beats)].start()
        wait_until(lambda period=period: count_runs(working, schedule) >= period, what=f"report {period}")
    duplicated, missed = check_slots(working, schedule, periods)
    figures.record("reports_once", f"reports missed of {periods}", missed, goal="0", is_met=missed == 0)
    figures.record("reports_once", "reports duplicated", duplicated, goal="0", is_met=duplicated == 0)


def check_slots(site: Site, schedule: int, periods: int) -> tuple[int, int]:
    """How many reports are duplicated and how many missing: one slot per day, each with its own analysis."""
    rows = site.query(f"SELECT slot, analysis_id FROM {RUNS} WHERE schedule_id = {schedule} ORDER BY slot")
    slots = [slot for slot, _ in rows]
    wanted = [slots[0] + day * DAY for day in range(periods)]
    assert slots == sorted(set(slots))
    duplicated = len(rows) - len({pk for _, pk in rows}) + max(0, len(rows) - periods)
    return duplicated, len(set(wanted) - set(slots))


@pytest.mark.fault_fast
def test_reports_once_for_each_slot_after_beat_was_down(working, figures):
    schedule = make_schedule(working)
    working.beat.kill()
    let_days_pass(working, schedule, 3)
    (beat,) = make_beats(working, 1)
    wait_until(lambda: count_runs(working, schedule) >= 3, what="three late reports")
    duplicated, missed = check_slots(working, schedule, 3)
    figures.record(
        "reports_once",
        "late reports missed or duplicated",
        missed + duplicated,
        goal="0",
        is_met=missed + duplicated == 0,
    )
    ids = [
        pk for (pk,) in working.query(f"SELECT analysis_id::text FROM {RUNS} WHERE schedule_id = {schedule}")
    ]
    Jobs(working).wait_for("done", ids)
    page = HelpdeskClient(working.url, "helpdesk").enter().get("/desk/reports/").text
    for pk in ids:
        assert pk in page
    assert beat.is_alive
    assert not working.violated_rules()
