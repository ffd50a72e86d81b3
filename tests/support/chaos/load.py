"""Many clients at once: they wait for each other, then all of them act."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

import httpx

from tests.support.chaos.clients import Person

Deed = Callable[[], httpx.Response]
LONGEST_ROUND = 120  # seconds to wait for another one


def race(deeds_of: Sequence[Sequence[Deed]]) -> list[tuple[httpx.Response, ...]]:
    """deeds_of: for each runner its action of every round. Before each round all meet. Yields one tuple per
    round."""
    barrier = Barrier(len(deeds_of), timeout=LONGEST_ROUND)

    def run(deeds: Sequence[Deed]) -> list[httpx.Response]:
        answers = []
        try:
            for deed in deeds:
                barrier.wait()
                answers.append(deed())
        except Exception:
            barrier.abort()  # nobody waits for a failed one
            raise
        return answers

    with ThreadPoolExecutor(len(deeds_of)) as pool:
        runs = [pool.submit(run, deeds) for deeds in deeds_of]
    fallen = [error for run in runs if (error := run.exception())]
    for error in sorted(fallen, key=lambda error: isinstance(error, BrokenBarrierError)):
        raise error  # the first failure says more than those that waited for it
    return list(zip(*(run.result() for run in runs), strict=True))


def make_person(url: str, role: str = "user", name: str = "") -> Person:
    """One connection per request: none is used just when the server closes it."""
    person = Person(url, role, name)
    person.http.headers["Connection"] = "close"
    return person


def twins(person: Person, count: int) -> list[Person]:
    """The same session in that many windows of one browser."""
    others = [make_person(person.url, person.role, person.name) for _ in range(count)]
    for other in others:
        other.http.cookies = httpx.Cookies(person.http.cookies)
    return others


def enter_all(url: str, count: int, role: str = "user") -> list[Person]:
    """That many sessions."""
    return [make_person(url, role, f"{role} {number}").enter() for number in range(count)]
