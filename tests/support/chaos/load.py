"""Many clients at once: they wait for each other, then all send a request."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

import httpx

from tests.support.chaos.clients import HelpdeskClient

Step = Callable[[], httpx.Response]
MAX_ROUND_SECONDS = 120


def race(steps_of: Sequence[Sequence[Step]]) -> list[tuple[httpx.Response, ...]]:
    """steps_of: the steps of each client, one per round. All wait for each other before each round.

    Returns one tuple of responses per round.
    """
    barrier = Barrier(len(steps_of), timeout=MAX_ROUND_SECONDS)

    def run(steps: Sequence[Step]) -> list[httpx.Response]:
        answers = []
        try:
            for step in steps:
                barrier.wait()
                answers.append(step())
        except Exception:
            barrier.abort()  # the others must not wait for this one
            raise
        return answers

    with ThreadPoolExecutor(len(steps_of)) as pool:
        runs = [pool.submit(run, steps) for steps in steps_of]
    errors = [error for run in runs if (error := run.exception())]
    for error in sorted(errors, key=lambda error: isinstance(error, BrokenBarrierError)):
        raise error  # the cause, not the errors of those that waited
    return list(zip(*(run.result() for run in runs), strict=True))


def make_client(url: str, role: str = "user", name: str = "") -> HelpdeskClient:
    """Opens a connection per request, so that no request meets one that the server is closing."""
    person = HelpdeskClient(url, role, name)
    person.http.headers["Connection"] = "close"
    return person


def clone_session(person: HelpdeskClient, count: int) -> list[HelpdeskClient]:
    """That many clients with the same session, like windows of one browser."""
    others = [make_client(person.url, person.role, person.name) for _ in range(count)]
    for other in others:
        other.http.cookies = httpx.Cookies(person.http.cookies)
    return others


def enter_all(url: str, count: int, role: str = "user") -> list[HelpdeskClient]:
    """That many clients, each with its own session."""
    return [make_client(url, role, f"{role} {number}").enter() for number in range(count)]
