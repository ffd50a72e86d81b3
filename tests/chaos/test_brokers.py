"""The broker in every state: the web process never waits for it, tickets work, analyses run later."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.brokers import STATES, broker_in
from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.jobs import RECOVERY_SECONDS, ExtendedSite, Jobs, count_wrong_results
from tests.support.chaos.programs import wait_until

REQUESTS = 50
MAX_SECONDS = 2.0


def timed(send) -> tuple[int, float]:
    """Status and seconds of one request."""
    began = time.monotonic()
    return send().status_code, time.monotonic() - began


def at_once(url: str, count: int, send) -> list[tuple[int, float]]:
    """`count` requests by two people of the helpdesk; the first report loads what triage needs."""
    clients = [HelpdeskClient(url, "helpdesk").enter() for _ in range(2)]
    assert clients[0].open("The tap drips").status_code == 201
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda number: timed(lambda: send(clients[number % 2], number)), range(count)))


def request_analysis(person: HelpdeskClient, number: int) -> httpx.Response:
    return person.analyse("active-by-category", is_fresh=True)


def use_tickets(person: HelpdeskClient, number: int) -> httpx.Response:
    """A page or a report, in turns."""
    return person.get("/tickets/") if number % 2 else person.open(f"The lamp {number} flickers")


@pytest.mark.fault_fast
def test_broker_trouble_never_makes_the_web_wait(working, amount, figures):
    answers, tickets = [], []
    for state in amount(["hung"], STATES):
        with broker_in(state) as url:
            web = working.add("web", REDIS_URL=url)
            web.start()
            answers += at_once(working.urls[-1], amount(6, REQUESTS), request_analysis)
            tickets += at_once(working.urls[-1], amount(6, REQUESTS), use_tickets)
            web.kill()
        Jobs(working).cancel_all()
    statuses, slow = Counter(status for status, _ in answers), sum(s > MAX_SECONDS for _, s in answers)
    figures.record(
        "broker_trouble", f"of {len(answers)} requests, over 2 s", slow, goal="0", is_met=slow == 0
    )
    bad = len(answers) - statuses[202] - statuses[503]
    figures.record("broker_trouble", "responses other than 202 and 503", bad, goal="0", is_met=bad == 0)
    affected = sum(status not in (200, 201) or s > MAX_SECONDS for status, s in tickets)
    what = f"of {len(tickets)} requests to tickets, late or refused"
    figures.record("broker_trouble", what, affected, goal="0", is_met=affected == 0)


@pytest.mark.fault_fast
def test_broker_trouble_killed_broker_gets_jobs_published_again(working, amount, figures):
    jobs, longest, done = Jobs(working), 0.0, 0
    pids = [working.worker.pid, working.gateway.pid, working.beat.pid]
    rounds = amount(1, 10)
    for number in range(rounds):
        ids = jobs.request(3)
        working.broker.kill()
        working.broker.start()
        if number % 2 == 0:
            working.flush_broker()
        if rounds == 1:
            jobs.age_rows(30, "published_at", ids=ids)
        ids += jobs.request()
        longest = max(longest, jobs.wait_final(ids))
        done += jobs.states(ids)["done"] == len(ids)
    what = "restarts of the broker after which all was done"
    figures.record("broker_trouble", what, done, goal=str(rounds), is_met=done == rounds)
    what = "longest from recovery to the last end, s"
    figures.record("broker_trouble", what, round(longest), goal="60", is_met=longest <= RECOVERY_SECONDS)
    assert pids == [working.worker.pid, working.gateway.pid, working.beat.pid]
    assert count_wrong_results(jobs) == 0


@pytest.mark.fault_full
def test_broker_trouble_frozen_broker_does_not_stop_the_web(working, amount, figures):
    jobs, seconds, count = Jobs(working), amount(4, 30), amount(8, REQUESTS)
    until = time.monotonic() + seconds
    with working.broker.frozen():
        answers = at_once(working.url, count, request_analysis)
        tickets = at_once(working.url, count, use_tickets)
        wait_until(lambda: time.monotonic() > until, seconds + 5, "the broker was frozen long enough")
    slow = sum(s > MAX_SECONDS for _, s in answers + tickets)
    figures.record("broker_trouble", f"of {2 * count} requests, over 2 s", slow, goal="0", is_met=slow == 0)
    assert {status for status, _ in answers} == {202}
    assert {status for status, _ in tickets} <= {200, 201}
    seconds = wait_until_queue_is_empty(working, jobs)
    figures.record(
        "broker_trouble", "seconds until the queue is empty", round(seconds), goal="60", is_met=seconds <= 60
    )


def wait_until_queue_is_empty(site: ExtendedSite, jobs: Jobs) -> float:
    """Waits until nothing is unfinished; returns how many seconds it took."""
    rows = site.query("SELECT id::text FROM analytics_gateway_analysis WHERE state IN ('queued', 'running')")
    return jobs.wait_final([pk for (pk,) in rows])


@pytest.mark.fault_fast
def test_broker_trouble_full_broker_refuses_jobs_and_recovers(working, amount, figures):
    jobs, count = Jobs(working), amount(4, 20)
    with working.redis() as redis:
        redis.config_set("maxmemory", "1")
        answers = at_once(working.url, count, request_analysis)
        redis.config_set("maxmemory", "0")
    assert {status for status, _ in answers} <= {202, 503}
    slow = sum(s > MAX_SECONDS for _, s in answers)
    figures.record("broker_trouble", f"of {count} requests, over 2 s", slow, goal="0", is_met=slow == 0)
    seconds = wait_until_queue_is_empty(working, jobs)
    figures.record(
        "broker_trouble", "seconds until the queue is empty", round(seconds), goal="60", is_met=seconds <= 60
    )
    accepted = sum(status == 202 for status, _ in answers)
    newest = "(SELECT state FROM analytics_gateway_analysis ORDER BY requested_at DESC LIMIT %s) AS newest"
    done = working.count(f"{newest} WHERE state = 'done'", accepted)
    figures.record(
        "broker_trouble",
        "jobs done of those that were accepted",
        done,
        goal=str(accepted),
        is_met=done == accepted > 0,
    )
