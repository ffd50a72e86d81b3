"""Workers, web and broker are killed while analyses run: each analysis ends, with one result."""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from functools import partial

import httpx
import pytest

from tests.support.chaos.jobs import Jobs, count_wrong_results, hold, is_waiting_at, release
from tests.support.chaos.programs import wait_until
from tests.support.chaos.site import Site

LEASE_SECONDS = 20


def kill_at(site: Site, hook: str) -> None:
    """SIGKILL to the whole worker group while one of its children waits at this hook."""
    wait_until(is_waiting_at(site, hook, site.worker.children), what=f"a child waits at {hook}")
    site.worker.kill()
    release(site, hook)


@pytest.mark.fault_fast
def test_jobs_end_in_one_result_when_a_worker_is_killed_at_each_step(working, amount, figures):
    jobs, is_short = Jobs(working), amount(True, False)
    for hook in amount(["before_store"], ["after_fetch", "before_store", "after_store"]):
        hold(working, hook)
        ids = jobs.request(amount(3, 10))
        kill_at(working, hook)
        if is_short:
            jobs.age_rows(LEASE_SECONDS, "lease_until", ids=ids)
        working.worker.start()
        seconds = jobs.wait_final(ids)
        rows = jobs.rows(ids)
        done = sum(row.state == "done" and row.attempts <= 3 for row in rows)
        figures.record(
            "jobs_end", f"jobs done after a kill at {hook}", done, goal=str(len(ids)), is_met=done == len(ids)
        )
        figures.record(
            "jobs_end",
            "seconds from the kill to the last end",
            round(seconds),
            goal="60",
            is_met=seconds <= 60,
        )
    twice = count_wrong_results(jobs)
    figures.record("jobs_end", "jobs without exactly one stored result", twice, goal="0", is_met=twice == 0)
    assert not working.violated_rules()


@pytest.mark.fault_fast
def test_jobs_end_when_a_child_is_killed_and_others_are_not_affected(working, amount, figures):
    jobs, worker = Jobs(working), working.worker
    for _ in range(amount(1, 5)):
        hold(working, "before_store")
        ids = jobs.request(4)
        wait_until(is_waiting_at(working, "before_store", worker.children, 2), what="both children wait")
        killed = worker.kill_child(0)
        release(working, "before_store")
        jobs.wait_for("done", ids)
        rows = jobs.rows(ids)
        assert sorted(row.attempts for row in rows) == [1, 1, 1, 2]
        assert {row.reason for row in rows} == {""}
        assert killed not in worker.children()
    twice = count_wrong_results(jobs)
    figures.record("jobs_end", "jobs without exactly one stored result", twice, goal="0", is_met=twice == 0)


@pytest.mark.fault_full
def test_jobs_end_when_a_worker_is_terminated(working, amount, figures):
    jobs, worker, longest = Jobs(working), working.worker, 0.0
    for _ in range(amount(1, 10)):
        hold(working, "before_store")
        ids = jobs.request(5)
        wait_until(is_waiting_at(working, "before_store", worker.children, 2), what="both children wait")
        began = time.monotonic()
        worker.signal(signal.SIGTERM)
        release(working, "before_store")
        wait_until(lambda: not worker.is_alive, what="the worker has ended")
        longest = max(longest, time.monotonic() - began)
        worker.stop()
        worker.start()
        jobs.wait_for("done", ids)
        assert {row.attempts for row in jobs.rows(ids)} == {1}
    lost = len(jobs.ids) - jobs.states()["done"]
    figures.record(
        "jobs_end", f"jobs of {len(jobs.ids)} lost over warm stops", lost, goal="0", is_met=lost == 0
    )
    figures.record("jobs_end", "longest warm stop, s", round(longest, 1), goal="30", is_met=longest <= 30)


@pytest.mark.fault_full
def test_jobs_end_once_when_a_frozen_worker_resumes_too_late(working, amount, figures):
    jobs, is_short, late = Jobs(working), amount(True, False), 0
    read = "SELECT xmin, result FROM analytics_gateway_analysis WHERE id = %s"
    spare = working.add_worker("analytics_workers.app")
    for _ in range(amount(1, 5)):
        hold(working, "before_store")
        (pk,) = jobs.request()
        wait_until(is_waiting_at(working, "before_store", working.worker.children), what="a child waits")
        working.worker.freeze()
        release(working, "before_store")
        if is_short:
            jobs.age_rows(LEASE_SECONDS, "lease_until", ids=[pk])
        expire_visibility_timeouts(working)
        spare.start()
        jobs.wait_for("done", [pk])
        stored = working.query(read, pk)
        dropped = f"analysis {pk} attempt 1 not started"
        wait_until(lambda dropped=dropped: dropped in spare.log, what="the message was delivered again")
        spare.kill()
        working.worker.thaw()
        discarded = f"analysis {pk} attempt 1 has been lost"
        wait_until(lambda text=discarded: text in working.worker.log, what="the late result is refused")
        late += stored != working.query(read, pk)
        assert [row.attempts for row in jobs.rows([pk])] == [2]
    figures.record("jobs_end", "late results that were stored", late, goal="0", is_met=late == 0)
    assert count_wrong_results(jobs) == 0


def expire_visibility_timeouts(site: Site) -> None:
    """Makes the broker's client deliver unacknowledged messages again."""
    with site.redis() as redis:
        index = site.prefixed("unacked_index")
        for member in redis.zrange(index, 0, -1):
            redis.zincrby(index, -400, member)


@pytest.mark.fault_fast
def test_jobs_end_when_the_web_is_killed_between_commit_and_publish(working, amount, figures):
    jobs, hook = Jobs(working), "after_commit_before_publish"
    count = amount(2, 4)  # at once; the web process has eight threads, and each of these occupies one
    for _ in range(amount(1, 5)):
        known = set(find_all(working))
        hold(working, hook)
        threads = [threading.Thread(target=request_without_response, args=[working]) for _ in range(count)]
        for thread in threads:
            thread.start()
        fresh = partial(find_all, working, known)
        wait_until(lambda fresh=fresh: len(fresh()) == count, what="all are committed")
        wait_until(is_waiting_at(working, hook, working.web.children), what="the web process waits")
        working.web.kill()
        release(working, hook)
        working.web.start()
        ids = fresh()
        jobs.ids += ids
        if amount(True, False):
            jobs.age_rows(30, "published_at", ids=ids)
        seconds = jobs.wait_final(ids)
        for thread in threads:
            thread.join()
        figures.record("jobs_end", "seconds to the last end", round(seconds), goal="60", is_met=seconds <= 60)
    done = jobs.states()["done"]
    figures.record("jobs_end", "jobs done", done, goal=str(len(jobs.ids)), is_met=done == len(jobs.ids))


def find_all(site: Site, known: Collection[str] = ()) -> list[str]:
    rows = site.query("SELECT id::text FROM analytics_gateway_analysis")
    return [pk for (pk,) in rows if pk not in known]


def request_without_response(site: Site) -> None:
    with suppress(httpx.TransportError):
        Jobs(site).request()


@pytest.mark.fault_full
def test_jobs_end_under_random_kills(make_site, figures):
    site = make_site(aof=False)
    site.start()
    jobs, seed = Jobs(site), random.randrange(10**6)
    print(f"seed={seed}")
    faults = [kill_worker] * 10 + [kill_broker] * 5 + [Site.flush_broker]
    random.Random(seed).shuffle(faults)
    thread = threading.Thread(target=Jobs.request, args=[jobs, 200])
    thread.start()
    for fault in faults:
        ended = len(jobs.ids) - len(jobs.unfinished())
        wait_until(
            lambda ended=ended: len(jobs.ids) - len(jobs.unfinished()) > ended or not thread.is_alive()
        )
        fault(site)
    thread.join()
    seconds = jobs.wait_final(seconds=600)
    rows = jobs.rows()
    print(f"kills={site.kills} states={dict(jobs.states())} attempts={Counter(row.attempts for row in rows)}")
    assert any(row.attempts > 1 for row in rows), "no kill interrupted a task"
    figures.record("jobs_end", "jobs that ended", len(rows), goal="200", is_met=len(rows) == 200)
    done, killed = jobs.states()["done"], sum(row.attempts == 3 and row.state == "failed" for row in rows)
    what = f"of them done, besides {killed} that were killed three times"
    figures.record("jobs_end", what, done, goal=str(200 - killed), is_met=done == 200 - killed)
    wrong, most = count_wrong_results(jobs), max(row.attempts for row in rows)
    figures.record("jobs_end", "jobs without exactly one stored result", wrong, goal="0", is_met=wrong == 0)
    figures.record("jobs_end", "most executions of a job", most, goal="3", is_met=most <= 3)
    figures.record(
        "jobs_end", "seconds from recovery to the last end", round(seconds), goal="60", is_met=seconds <= 60
    )
    assert not site.violated_rules()


def kill_worker(site: Site) -> None:
    """During a task, if one is running."""
    hold(site, "before_store")
    with suppress(AssertionError):
        wait_until(is_waiting_at(site, "before_store", site.worker.children), 10)
    site.worker.kill()
    release(site, "before_store")
    site.worker.start()


def kill_broker(site: Site) -> None:
    site.broker.kill()
    site.broker.start()
