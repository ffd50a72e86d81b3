"""Limits hold exactly under concurrent requests: as many are accepted as the limit allows."""

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count

import httpx
import pytest

from campus_helpdesk.middleware.throttling.buckets import SECONDS
from tests.support.chaos.clients import HelpdeskClient
from tests.support.chaos.directories import make_directory
from tests.support.chaos.load import Step, clone_session, enter_all, make_client, race
from tests.support.chaos.site import Site

pytestmark = pytest.mark.fault_fast
RUNNERS = 20
numbers = count(1)
# In every run small limits, so that a few posts exceed them.
SMALL = dict.fromkeys(("RATE_DOOR", "RATE_TICKET", "RATE_MESSAGE", "RATE_ANALYSIS"), "4/30")
LIMITS = {"entrance": (10, 60), "ticket": (10, 60), "message": (20, 120), "analysis": (6, 30)}
ACCEPTED = {201, 202, 302}


@pytest.fixture(scope="module")
def limited(amount) -> Iterator[Site]:
    """With the limits of the settings, at full size."""
    with closing(Site(make_directory(), rates="on", environment=amount(SMALL, {}))) as site:
        site.start("database", "broker", "web")
        yield site


@pytest.fixture(scope="module")
def sessions(limited) -> list[HelpdeskClient]:
    """One for each runner, all from one address."""
    return enter_all(limited.url, RUNNERS, "helpdesk")


def reset_rates(site: Site) -> None:
    site.query("DELETE FROM campus_helpdesk_ratewindow")


def load_entrance(site: Site, amount: int) -> list[HelpdeskClient]:
    """Visitors who have loaded the entrance and not entered."""
    visitors = [make_client(site.url) for _ in range(amount)]
    for visitor in visitors:
        visitor.get("/")
    return visitors


def enter(person: HelpdeskClient) -> httpx.Response:
    """Enters, each time with the cookies of a visitor without a role."""
    before = httpx.Cookies(person.http.cookies)
    answer = person.post("/enter/", role="user")
    person.http.cookies = before
    return answer


def report(person: HelpdeskClient) -> httpx.Response:
    number = next(numbers)
    text = f"The tap number {number} drips"
    return person.post("/tickets/new/", description=text) if number % 2 else person.open(text)


def write(ticket: int) -> Callable[[HelpdeskClient], httpx.Response]:
    return lambda person: person.message(ticket, f"Message {next(numbers)}")


def request_analysis(person: HelpdeskClient) -> httpx.Response:
    """The same request each time: all get one analysis, so that no other limit is reached."""
    return person.analyse("active-by-category")


def post_all(
    clients: list[HelpdeskClient], step: Callable[[HelpdeskClient], httpx.Response], posts: int
) -> Counter:
    """Statuses of `posts` posts within a minute, one client per runner."""
    steps: list[Step] = [lambda p=p: step(p) for p in clients]
    began = time.monotonic()
    rounds = race([[step] * (posts // RUNNERS) for step in steps])
    assert time.monotonic() - began < SECONDS, "this machine is too slow: a new minute has begun"
    return Counter(answer.status_code for answers in rounds for answer in answers)


def accepted(statuses: Counter) -> int:
    return sum(statuses[status] for status in ACCEPTED)


def check(figures, what: str, statuses: Counter, posts: int, limit: int) -> None:
    is_met = accepted(statuses) == limit and statuses[429] == posts - limit
    figures.record("exact_limits", what, accepted(statuses), goal=f"{limit}", is_met=is_met)


@pytest.mark.parametrize("step", LIMITS)
def test_exact_limits_of_request_rates(limited, sessions, figures, amount, step):
    """First one session alone, then so many that their address reaches its limit before any of them."""
    posts = amount(60, 500)
    per_session, per_address = amount((4, 30), LIMITS[step])
    ticket = limited.query("SELECT max(id) FROM tickets_ticket")[0][0]
    steps = {"entrance": enter, "ticket": report, "message": write(ticket or 0), "analysis": request_analysis}
    clients = load_entrance(limited, RUNNERS) if step == "entrance" else sessions
    reset_rates(limited)
    statuses = post_all(clone_session(clients[0], RUNNERS), steps[step], posts)
    check(figures, f"{step}: accepted of {posts} posts of one session", statuses, posts, per_session)
    reset_rates(limited)
    statuses = post_all(clients, steps[step], posts)
    check(figures, f"{step}: accepted of {posts} posts from one address", statuses, posts, per_address)


def request_new_analysis(person: HelpdeskClient) -> httpx.Response:
    return person.analyse("unresolved", period=f"{next(numbers)}h")


def test_exact_limits_of_two_unfinished_analyses_per_session(limited, sessions, figures, amount):
    reset_rates(limited)
    posts = amount(60, 500)
    statuses = post_all(clone_session(sessions[-1], RUNNERS), request_new_analysis, posts)
    check(figures, f"unfinished analyses after {posts} posts of one session", statuses, posts, 2)
    assert limited.count("analytics_gateway_analysis WHERE service = 'unresolved'") == 2


def test_exact_limits_of_one_hundred_waiting_analyses(site, figures, amount):
    posts = amount(120, 500)
    statuses = post_all(
        clone_session(HelpdeskClient(site.url, "helpdesk").enter(), RUNNERS), request_new_analysis, posts
    )
    waiting = site.count("analytics_gateway_analysis WHERE state = 'queued'")
    is_met = (accepted(statuses), waiting, statuses[503]) == (100, 100, posts - 100)
    figures.record("exact_limits", f"queued analyses after {posts} posts", waiting, goal="100", is_met=is_met)


def send_in_chunks(person: HelpdeskClient, text: str) -> httpx.Response:
    """Sends the body without a length, in chunks."""
    body = f'{{"description": "{text}"}}'.encode()
    pieces = (body[start : start + 1000] for start in range(0, len(body), 1000))
    headers = {"X-CSRFToken": person.token, "Content-Type": "application/json"}
    return person.http.post("/api/v1/tickets/", content=pieces, headers=headers)


def test_no_server_error_for_a_body_in_chunks(site):
    person = HelpdeskClient(site.url).enter()
    answers = [send_in_chunks(person, "x" * length) for length in (20_000, 20_001, 300_000)]
    assert [answer.status_code for answer in answers] == [201, 400, 413]
    assert person.read(answers[0].json()["id"]).json()["description"] == "x" * 20_000
    assert "description" in answers[1].json()["errors"]


def send_bytes(site: Site, raw: bytes) -> bytes:
    """The response up to the end of the connection; empty if the server only closes it."""
    address = httpx.URL(site.url)
    with socket.create_connection((address.host, address.port), timeout=60) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize("chunks", [b"ZZ\r\n", b"5\r\nab", b"-1\r\n", b"5\r\nabcdefgh\r\n0\r\n\r\n", b""])
def test_no_server_error_for_broken_chunks(site, chunks):
    head = b"POST /enter/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = send_bytes(site, head + chunks)
    assert answer.split(b" ")[1:2] in ([], [b"400"], [b"403"]), answer
    assert HelpdeskClient(site.url).get("/").status_code == 200
