"""Workers, web and broker are killed while analyses are running: each one ends, with one result."""

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

from tests.support.chaos.jobs import Jobs, has_come, hold, release, stored_wrong
from tests.support.chaos.programs import wait_until
from tests.support.chaos.site import Site

LEASE_SECONDS = 20


def kill_at(site: Site, hook: str) -> None:
    """SIGKILL to the whole worker group while one of its children waits at this hook."""
    wait_until(has_come(site, hook, site.worker.children), what=f"a child comes to {hook}")
    site.worker.kill()
    release(site, hook)


@pytest.mark.fault_fast
def test_jobs_end_in_one_result_when_a_worker_is_killed_at_each_step(working, amount, figures):
    jobs, hurry = Jobs(working), amount(True, False)
    for hook in amount(["before_store"], ["after_fetch", "before_store", "after_store"]):
        hold(working, hook)
        ids = jobs.ask(amount(3, 10))
        kill_at(working, hook)
        if hurry:
            jobs.let_pass(LEASE_SECONDS, "lease_until", ids=ids)
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
    twice = stored_wrong(jobs)
    figures.record("jobs_end", "jobs without exactly one stored result", twice, goal="0", is_met=twice == 0)
    assert not working.broken_invariants()


@pytest.mark.fault_fast
def test_jobs_end_when_a_child_is_killed_and_others_are_not_affected(working, amount, figures):
    jobs, worker = Jobs(working), working.worker
    for _ in range(amount(1, 5)):
        hold(working, "before_store")
        ids = jobs.ask(4)
        wait_until(has_come(working, "before_store", worker.children, 2), what="both children wait")
        killed = worker.kill_child(0)
        release(working, "before_store")
        jobs.wait_for("done", ids)
        rows = jobs.rows(ids)
        assert sorted(row.attempts for row in rows) == [1, 1, 1, 2]
        assert {row.reason for row in rows} == {""}
        assert killed not in worker.children()
    twice = stored_wrong(jobs)
    figures.record("jobs_end", "jobs without exactly one stored result", twice, goal="0", is_met=twice == 0)


@pytest.mark.fault_full
def test_jobs_end_when_a_worker_is_asked_to_stop(working, amount, figures):
    jobs, worker, longest = Jobs(working), working.worker, 0.0
    for _ in range(amount(1, 10)):
        hold(working, "before_store")
        ids = jobs.ask(5)
        wait_until(has_come(working, "before_store", worker.children, 2), what="both children wait")
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
def test_jobs_end_once_when_a_worker_wakes_up_too_late(working, amount, figures):
    jobs, hurry, late = Jobs(working), amount(True, False), 0
    spare = working.add_worker("analytics_workers.app")
    for _ in range(amount(1, 5)):
        hold(working, "before_store")
        (pk,) = jobs.ask()
        wait_until(has_come(working, "before_store", working.worker.children), what="a child waits")
        working.worker.freeze()
        release(working, "before_store")
        if hurry:
            jobs.let_pass(LEASE_SECONDS, "lease_until", ids=[pk])
        let_messages_grow_old(working)
        spare.start()
        jobs.wait_for("done", [pk])
        stored = working.ask("SELECT xmin, result FROM analytics_gateway_analysis WHERE id = %s", pk)
        dropped = f"analysis {pk} attempt 1 not started"
        wait_until(lambda dropped=dropped: dropped in spare.log, what="the old message came again")
        spare.kill()
        working.worker.thaw()
        discarded = f"analysis {pk} attempt 1 has been lost"
        wait_until(lambda discarded=discarded: discarded in working.worker.log, what="the late one is told")
        late += stored != working.ask("SELECT xmin, result FROM analytics_gateway_analysis WHERE id = %s", pk)
        assert [row.attempts for row in jobs.rows([pk])] == [2]
    figures.record("jobs_end", "late results that were stored", late, goal="0", is_met=late == 0)
    assert stored_wrong(jobs) == 0


def let_messages_grow_old(site: Site) -> None:
    """As if the visibility timeout of unacknowledged messages had passed."""
    with site.redis() as redis:
        index = site.named("unacked_index")
        for member in redis.zrange(index, 0, -1):
            redis.zincrby(index, -400, member)


@pytest.mark.fault_fast
def test_jobs_end_when_the_web_is_killed_between_commit_and_publish(working, amount, figures):
    jobs, hook = Jobs(working), "after_commit_before_publish"
    count = amount(2, 4)  # at once; the web has eight threads, and each of these occupies one
    for _ in range(amount(1, 5)):
        known = set(find_all(working))
        hold(working, hook)
        askers = [threading.Thread(target=ask_in_vain, args=[working]) for _ in range(count)]
        for asker in askers:
            asker.start()
        fresh = partial(find_all, working, known)
        wait_until(lambda fresh=fresh: len(fresh()) == count, what="all are committed")
        wait_until(has_come(working, hook, working.web.children), what="the web waits")
        working.web.kill()
        release(working, hook)
        working.web.start()
        ids = fresh()
        jobs.ids += ids
        if amount(True, False):
            jobs.let_pass(30, "published_at", ids=ids)
        seconds = jobs.wait_final(ids)
        for asker in askers:
            asker.join()
        figures.record("jobs_end", "seconds to the last end", round(seconds), goal="60", is_met=seconds <= 60)
    done = jobs.states()["done"]
    figures.record("jobs_end", "jobs done", done, goal=str(len(jobs.ids)), is_met=done == len(jobs.ids))


def find_all(site: Site, known: Collection[str] = ()) -> list[str]:
    rows = site.ask("SELECT id::text FROM analytics_gateway_analysis")
    return [pk for (pk,) in rows if pk not in known]


def ask_in_vain(site: Site) -> None:
    with suppress(httpx.TransportError):
        Jobs(site).ask()


@pytest.mark.fault_full
def test_jobs_end_whatever_dies(make_site, figures):
    site = make_site(aof=False)
    site.start()
    jobs, seed = Jobs(site), random.randrange(10**6)
    print(f"seed={seed}")
    faults = [kill_worker] * 10 + [kill_broker] * 5 + [flush_broker]
    random.Random(seed).shuffle(faults)
    asker = threading.Thread(target=Jobs.ask, args=[jobs, 200])
    asker.start()
    for fault in faults:
        ended = len(jobs.ids) - len(jobs.unfinished())
        wait_until(lambda ended=ended: len(jobs.ids) - len(jobs.unfinished()) > ended or not asker.is_alive())
        fault(site)
    asker.join()
    seconds = jobs.wait_final(seconds=600)
    rows = jobs.rows()
    print(f"kills={site.kills} states={dict(jobs.states())} attempts={Counter(row.attempts for row in rows)}")
    assert any(row.attempts > 1 for row in rows), "no kill met a task"
    figures.record("jobs_end", "jobs that ended", len(rows), goal="200", is_met=len(rows) == 200)
    done, unlucky = jobs.states()["done"], sum(row.attempts == 3 and row.state == "failed" for row in rows)
    what = f"of them done, beside {unlucky} that were killed three times"
    figures.record("jobs_end", what, done, goal=str(200 - unlucky), is_met=done == 200 - unlucky)
    wrong, most = stored_wrong(jobs), max(row.attempts for row in rows)
    figures.record("jobs_end", "jobs without exactly one stored result", wrong, goal="0", is_met=wrong == 0)
    figures.record("jobs_end", "most executions of a job", most, goal="3", is_met=most <= 3)
    figures.record(
        "jobs_end", "seconds from healing to the last end", round(seconds), goal="60", is_met=seconds <= 60
    )
    assert not site.broken_invariants()


def kill_worker(site: Site) -> None:
    """In the middle of a task, if there is one."""
    hold(site, "before_store")
    came = has_come(site, "before_store", site.worker.children)
    with suppress(AssertionError):
        wait_until(came, 10)
    site.worker.kill()
    release(site, "before_store")
    site.worker.start()


def kill_broker(site: Site) -> None:
    site.broker.kill()
    site.broker.start()


def flush_broker(site: Site) -> None:
    with site.redis() as redis:
        redis.flushall()
