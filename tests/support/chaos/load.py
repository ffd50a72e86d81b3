"""Many clients at once: they wait for each other, then all of them act."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

import httpx

from tests.support.chaos.clients import HelpdeskClient

Step = Callable[[], httpx.Response]
LONGEST_ROUND = 120  # seconds to wait for another one


def race(steps_of: Sequence[Sequence[Step]]) -> list[tuple[httpx.Response, ...]]:
    """deeds_of: for each runner its action of every round. Before each round all meet. Yields one tuple per
    round."""
    barrier = Barrier(len(steps_of), timeout=LONGEST_ROUND)

    def run(steps: Sequence[Step]) -> list[httpx.Response]:
        answers = []
        try:
            for step in steps:
                barrier.wait()
                answers.append(step())
        except Exception:
            barrier.abort()  # nobody waits for a failed one
            raise
        return answers

    with ThreadPoolExecutor(len(steps_of)) as pool:
        runs = [pool.submit(run, steps) for steps in steps_of]
    fallen = [error for run in runs if (error := run.exception())]
    for error in sorted(fallen, key=lambda error: isinstance(error, BrokenBarrierError)):
        raise error  # the first failure says more than those that waited for it
    return list(zip(*(run.result() for run in runs), strict=True))


def make_client(url: str, role: str = "user", name: str = "") -> HelpdeskClient:
    """One connection per request: none is used just when the server closes it."""
    person = HelpdeskClient(url, role, name)
    person.http.headers["Connection"] = "close"
    return person


def twins(person: HelpdeskClient, count: int) -> list[HelpdeskClient]:
    """The same session in that many windows of one browser."""
    others = [make_client(person.url, person.role, person.name) for _ in range(count)]
    for other in others:
        other.http.cookies = httpx.Cookies(person.http.cookies)
    return others


def enter_all(url: str, count: int, role: str = "user") -> list[HelpdeskClient]:
    """That many sessions."""
    return [make_client(url, role, f"{role} {number}").enter() for number in range(count)]
