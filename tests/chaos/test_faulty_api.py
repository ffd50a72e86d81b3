"""The helpdesk's API with all kinds of failures: each job ends soon with a reason, and the next one works."""

from collections.abc import Iterator

import pytest

from tests.support.chaos.faulty_api import ILLNESSES, FaultyApi
from tests.support.chaos.jobs import Jobs, stored_wrong
from tests.support.chaos.programs import wait_until

LONGEST = 130


@pytest.fixture
def sick_api(working) -> Iterator[FaultyApi]:
    api = FaultyApi(working.url)
    yield api
    api.heal()
    api.shutdown()
    api.server_close()


@pytest.mark.fault_fast
def test_sick_api_ends_each_job_with_a_reason_and_harms_no_other(working, sick_api, amount, figures):
    jobs, count = Jobs(working), amount(1, 5)
    illnesses = amount(["html", "401", "redirect"], ILLNESSES)
    assert len(ILLNESSES) == 12
    working.worker.kill()
    worker = working.add_worker(
        "analytics_workers.app", HELPDESK_API_URL=f"{sick_api.url}/api/v1/", children=amount(2, 5)
    )
    worker.start()
    longest, ended, well = 0.0, 0, 0
    for fault in illnesses:
        sick_api.fault = fault
        ids = jobs.ask(count)
        longest = max(longest, jobs.wait_final(ids))
        sick_api.heal()
        rows = jobs.rows(ids)
        print(fault, [(row.attempts, row.took.total_seconds(), row.reason) for row in rows][:2])
        ended += sum(row.state == "failed" and row.reason.startswith(("The ", "It ")) for row in rows)
        assert "secret" not in str(rows)
        following = jobs.ask()
        jobs.wait_final(following)
        well += jobs.states(following)["done"]
    total = count * len(illnesses)
    figures.record(
        "sick_api",
        f"jobs of {total} that failed with a reason",
        ended,
        goal=str(total),
        is_met=ended == total,
    )
    figures.record("sick_api", "longest to the end, s", round(longest), goal="130", is_met=longest <= LONGEST)
    partial = stored_wrong(jobs)
    figures.record("sick_api", "partial results", partial, goal="0", is_met=partial == 0)
    figures.record(
        "sick_api", "next jobs that were fine", well, goal=str(len(illnesses)), is_met=well == len(illnesses)
    )
    assert worker.is_alive


@pytest.mark.fault_full
@pytest.mark.parametrize("mode", ["refuse", "blackhole", "latency", "reset", "truncate", "garbage"])
def test_sick_api_that_nobody_reaches_lets_the_job_wait(make_site, figures, mode):
    """The wire between worker and web: what cannot be started is not lost, and runs when the way is back."""
    site = make_site(wires=("worker-web",))
    site.start()
    jobs = Jobs(site)
    wire = site.wires["worker-web"]
    wire.set(mode)
    ids = jobs.ask(5)
    tried = "started" if mode == "latency" else "not started"
    wait_until(lambda: tried in site.worker.log, what="the worker has tried")
    wire.set("pass")
    seconds = jobs.wait_final(ids)
    done = jobs.states()["done"]
    figures.record("sick_api", f"jobs done after {mode}", done, goal="5", is_met=done == 5)
    figures.record(
        "sick_api", f"seconds to the last end after {mode}", round(seconds), goal="60", is_met=seconds <= 60
    )
    assert stored_wrong(jobs) == 0
    assert not site.broken_invariants()
