"""An old worker with a new web: what it does not know fails with a reason and never hangs."""

import pytest

from tests.support.chaos.jobs import Jobs, stored_wrong
from tests.support.chaos.programs import wait_until

UNKNOWN = {
    "service": "The analysis could not be computed: service: Choose one of: ",
    "parameter": "The analysis could not be computed: days: ",
    "field": "The request cannot be read by this worker: request.time_zone: it is not known.",
}


@pytest.mark.fault_fast
def test_mixed_releases_what_an_old_worker_does_not_know_fails_with_a_reason(working, amount, figures):
    jobs, count = Jobs(working), amount(1, 2)
    working.worker.kill()
    told = 0
    for lacks, reason in amount({"field": UNKNOWN["field"]}, UNKNOWN).items():
        old = working.add_worker("tests.support.chaos.older", "-Q", "analytics.backlog", LACKS=lacks)
        old.start()
        ids = jobs.ask(count, "backlog", days=30)
        jobs.wait_final(ids)
        told += sum(row.state == "failed" and row.reason.startswith(reason) for row in jobs.rows(ids))
        old.kill()
    total = len(jobs.ids)
    figures.record(
        "mixed_releases",
        f"of {total} jobs, failed with a reason",
        told,
        goal=str(total),
        is_met=told == total,
    )
    assert stored_wrong(jobs) == 0


@pytest.mark.fault_full
def test_mixed_releases_a_task_that_no_worker_knows_expires(working, figures):
    jobs = Jobs(working)
    working.worker.kill()
    old = working.add_worker("tests.support.chaos.older", LACKS="task")
    old.start()
    ids = jobs.ask(2)
    wait_until(lambda: "unregistered task" in old.log, what="the worker has seen it")
    assert jobs.states(ids)["queued"] == 2
    jobs.let_pass(3601, "queued_at", ids=ids)
    jobs.wait_final(ids)
    told = sum(row.state == "expired" and "run it again" in row.reason for row in jobs.rows(ids))
    figures.record(
        "mixed_releases", "jobs for an unknown task that expired in words", told, goal="2", is_met=told == 2
    )
    assert old.is_alive


@pytest.mark.fault_full
def test_mixed_releases_results_of_an_old_worker_are_accepted(working, figures):
    jobs = Jobs(working)
    working.worker.kill()
    working.add_worker("tests.support.chaos.older", LACKS="checksum").start()
    jobs.wait_final(jobs.ask(2))
    done = jobs.states()["done"]
    figures.record(
        "mixed_releases",
        "results without the checksum of their parts, taken",
        done,
        goal="2",
        is_met=done == 2,
    )
