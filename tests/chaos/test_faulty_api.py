"""The API with every kind of fault: each job ends soon with a reason, and the next one succeeds."""

from collections.abc import Iterator

import pytest

from tests.support.chaos.faulty_api import FAULTS, FaultyApi
from tests.support.chaos.jobs import Jobs, count_wrong_results
from tests.support.chaos.programs import wait_until

MAX_SECONDS = 130


@pytest.fixture
def api(working) -> Iterator[FaultyApi]:
    api = FaultyApi(working.url)
    yield api
    api.recover()
    api.shutdown()
    api.server_close()


@pytest.mark.fault_fast
def test_faulty_api_fails_each_job_with_a_reason_and_affects_no_other(working, api, amount, figures):
    jobs, count = Jobs(working), amount(1, 5)
    faults = amount(["html", "401", "redirect"], FAULTS)
    assert len(FAULTS) == 12
    working.worker.kill()
    worker = working.add_worker(
        "analytics_workers.app", HELPDESK_API_URL=f"{api.url}/api/v1/", children=amount(2, 5)
    )
    worker.start()
    longest, ended, done = 0.0, 0, 0
    for fault in faults:
        api.fault = fault
        ids = jobs.request(count)
        longest = max(longest, jobs.wait_final(ids))
        api.recover()
        rows = jobs.rows(ids)
        print(fault, [(row.attempts, row.took.total_seconds(), row.reason) for row in rows][:2])
        ended += sum(row.state == "failed" and row.reason.startswith(("The ", "It ")) for row in rows)
        assert "secret" not in str(rows)
        following = jobs.request()
        jobs.wait_final(following)
        done += jobs.states(following)["done"]
    total = count * len(faults)
    figures.record(
        "faulty_api",
        f"jobs of {total} that failed with a reason",
        ended,
        goal=str(total),
        is_met=ended == total,
    )
    figures.record(
        "faulty_api", "longest to the end, s", round(longest), goal="130", is_met=longest <= MAX_SECONDS
    )
    partial = count_wrong_results(jobs)
    figures.record("faulty_api", "partial results", partial, goal="0", is_met=partial == 0)
    figures.record(
        "faulty_api", "next jobs that succeeded", done, goal=str(len(faults)), is_met=done == len(faults)
    )
    assert worker.is_alive


@pytest.mark.fault_full
@pytest.mark.parametrize("mode", ["refuse", "blackhole", "latency", "reset", "truncate", "garbage"])
def test_faulty_api_out_of_reach_makes_jobs_wait(make_site, figures, mode):
    """A job that cannot be started is not lost, and runs when the connection from worker to web is back."""
    site = make_site(proxies=("worker-web",))
    site.start()
    jobs = Jobs(site)
    proxy = site.proxies["worker-web"]
    proxy.set(mode)
    ids = jobs.request(5)
    tried = "started" if mode == "latency" else "not started"
    wait_until(lambda: tried in site.worker.log, what="the worker has tried")
    proxy.set("pass")
    seconds = jobs.wait_final(ids)
    done = jobs.states()["done"]
    figures.record("faulty_api", f"jobs done after {mode}", done, goal="5", is_met=done == 5)
    figures.record(
        "faulty_api", f"seconds to the last end after {mode}", round(seconds), goal="60", is_met=seconds <= 60
    )
    assert count_wrong_results(jobs) == 0
    assert not site.violated_rules()
