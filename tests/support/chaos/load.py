"""Many people at once: they wait for each other, then all of them act."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

import httpx

from tests.support.chaos.clients import Person

Deed = Callable[[], httpx.Response]
LONGEST_ROUND = 120  # seconds that one waits for another


def race(deeds_of: Sequence[Sequence[Deed]]) -> list[tuple[httpx.Response, ...]]:
    """deeds_of: for each runner its deed of every round. Before each round all meet. One tuple a round."""
    barrier = Barrier(len(deeds_of), timeout=LONGEST_ROUND)

    def run(deeds: Sequence[Deed]) -> list[httpx.Response]:
        answers = []
        try:
            for deed in deeds:
                barrier.wait()
                answers.append(deed())
        except Exception:
            barrier.abort()  # nobody waits for one who fell
            raise
        return answers

    with ThreadPoolExecutor(len(deeds_of)) as pool:
        runs = [pool.submit(run, deeds) for deeds in deeds_of]
    fallen = [error for run in runs if (error := run.exception())]
    for error in sorted(fallen, key=lambda error: isinstance(error, BrokenBarrierError)):
        raise error  # the first that fell tells more than those who waited for it
    return list(zip(*(run.result() for run in runs), strict=True))


def make_person(url: str, role: str = "user", name: str = "") -> Person:
    """A connection for each request: none is used just when the server, tired of waiting, closes it."""
    person = Person(url, role, name)
    person.http.headers["Connection"] = "close"
    return person


def twins(person: Person, count: int) -> list[Person]:
    """The same session in as many windows of one browser."""
    others = [make_person(person.url, person.role, person.name) for _ in range(count)]
    for other in others:
        other.http.cookies = httpx.Cookies(person.http.cookies)
    return others


def enter_all(url: str, count: int, role: str = "user") -> list[Person]:
    """As many sessions."""
    return [make_person(url, role, f"{role} {number}").enter() for number in range(count)]
