"""Jobs that harm their worker: three attempts at most, a readable reason, and the other jobs finish."""

import time

import pytest

from tests.support.chaos.jobs import Jobs, count_wrong_results

POISONED = "tests.support.chaos.poisoned_worker"
KILLS, HOARDS, ENDLESS, RAISES = "101h", "102h", "103h", "104h"
REASONS = {
    KILLS: "The worker process was lost.",
    HOARDS: "The analysis ran out of memory.",
    ENDLESS: "The analysis exceeded the time limit.",
    RAISES: "An unexpected error occurred (RuntimeError).",
}


def request_poison(jobs: Jobs, period: str, count: int) -> list[str]:
    return jobs.request(count, "unresolved", period=period)


def count_ended(jobs: Jobs, ids: list[str], reason: str) -> int:
    """How many failed with this reason, after three attempts at most."""
    return sum(
        (row.state, row.reason) == ("failed", reason) and 1 <= row.attempts <= 3 for row in jobs.rows(ids)
    )


@pytest.mark.fault_fast
def test_poison_jobs_that_kill_their_worker_do_not_stop_the_queue(working, amount, figures):
    jobs = Jobs(working)
    working.worker.kill()
    worker = working.add_worker(POISONED)
    worker.start()
    began = time.monotonic()
    poison = request_poison(jobs, KILLS, amount(1, 5))
    healthy = jobs.request(amount(3, 50))
    jobs.wait_for("done", healthy, seconds=180)
    seconds = time.monotonic() - began
    jobs.wait_final(poison)
    figures.record(
        "poison_jobs",
        f"seconds until {len(healthy)} healthy jobs are done",
        round(seconds),
        goal="60",
        is_met=seconds <= 60,
    )
    ended, most = count_ended(jobs, poison, REASONS[KILLS]), max(row.attempts for row in jobs.rows(poison))
    figures.record(
        "poison_jobs",
        "poison jobs that failed with a reason",
        ended,
        goal=str(len(poison)),
        is_met=ended == len(poison),
    )
    figures.record("poison_jobs", "most attempts of a poison job", most, goal="3", is_met=most <= 3)
    figures.record("poison_jobs", "workers alive", int(worker.is_alive), goal="1", is_met=worker.is_alive)
    assert count_wrong_results(jobs) == 0


@pytest.mark.fault_fast
def test_poison_jobs_that_use_all_memory_raise_or_never_end_fail_with_a_reason(working, amount, figures):
    jobs, count = Jobs(working), amount(1, 5)
    working.worker.kill()
    worker = working.add_worker(
        "tests.support.chaos.poisoned_worker", children=amount(2, 7), SOFT_TIME_LIMIT=amount("6", "0")
    )
    worker.start()
    poisons = {period: request_poison(jobs, period, count) for period in (ENDLESS, HOARDS, RAISES)}
    healthy = jobs.request(count)
    for period, ids in poisons.items():
        jobs.wait_final(ids, seconds=300)
        ended = count_ended(jobs, ids, REASONS[period])
        figures.record(
            "poison_jobs", f"failed with: {REASONS[period]}", ended, goal=str(count), is_met=ended == count
        )
        assert {row.attempts for row in jobs.rows(ids)} == {1}
    healthy += jobs.request()
    jobs.wait_final(healthy)
    done, goal = jobs.states(healthy)["done"], count + 1
    figures.record("poison_jobs", "other jobs that finished", done, goal=str(goal), is_met=done == goal)
    assert worker.is_alive
    longest = max(row.took.total_seconds() for row in jobs.rows(poisons[ENDLESS]))
    figures.record(
        "poison_jobs", "longest job that never ends, s", round(longest), goal="130", is_met=longest <= 130
    )
    assert "secret" not in str(jobs.rows())
    assert not working.violated_rules()
