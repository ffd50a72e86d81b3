"""An old worker with a newer site: requests that it does not know fail with a reason and never hang."""

import pytest

from tests.support.chaos.jobs import Jobs, count_wrong_results
from tests.support.chaos.programs import wait_until

UNKNOWN = {
    "service": "The analysis could not be computed: service: Choose one of: ",
    "parameter": "The analysis could not be computed: days: ",
    "field": "The request cannot be read by this worker: request.time_zone: it is not known.",
}


@pytest.mark.fault_fast
def test_mixed_releases_requests_unknown_to_an_old_worker_fail_with_a_reason(working, amount, figures):
    jobs, count = Jobs(working), amount(1, 2)
    working.worker.kill()
    failed = 0
    for lacks, reason in amount({"field": UNKNOWN["field"]}, UNKNOWN).items():
        old = working.add_worker("tests.support.chaos.old_worker", "-Q", "analytics.backlog", LACKS=lacks)
        old.start()
        ids = jobs.request(count, "backlog", days=30)
        jobs.wait_final(ids)
        failed += sum(row.state == "failed" and row.reason.startswith(reason) for row in jobs.rows(ids))
        old.kill()
    total = len(jobs.ids)
    figures.record(
        "mixed_releases",
        f"of {total} jobs, failed with a reason",
        failed,
        goal=str(total),
        is_met=failed == total,
    )
    assert count_wrong_results(jobs) == 0


@pytest.mark.fault_full
def test_mixed_releases_a_task_that_no_worker_knows_expires(working, figures):
    jobs = Jobs(working)
    working.worker.kill()
    old = working.add_worker("tests.support.chaos.old_worker", LACKS="task")
    old.start()
    ids = jobs.request(2)
    wait_until(lambda: "unregistered task" in old.log, what="the worker has seen it")
    assert jobs.states(ids)["queued"] == 2
    jobs.age_rows(3601, "queued_at", ids=ids)
    jobs.wait_final(ids)
    expired = sum(row.state == "expired" and "Run it again" in row.reason for row in jobs.rows(ids))
    figures.record(
        "mixed_releases", "expired jobs of an unknown task", expired, goal="2", is_met=expired == 2
    )
    assert old.is_alive


@pytest.mark.fault_full
def test_mixed_releases_results_of_an_old_worker_are_accepted(working, figures):
    jobs = Jobs(working)
    working.worker.kill()
    working.add_worker("tests.support.chaos.old_worker", LACKS="checksum").start()
    jobs.wait_final(jobs.request(2))
    done = jobs.states()["done"]
    figures.record(
        "mixed_releases",
        "results without a checksum of their parts, accepted",
        done,
        goal="2",
        is_met=done == 2,
    )
