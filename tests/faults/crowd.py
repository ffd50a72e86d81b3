"""Many people at once: they wait for each other, then all of them act."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx

from tests.faults.people import Person

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
        except BaseException:
            barrier.abort()  # nobody waits for one who fell
            raise
        return answers

    with ThreadPoolExecutor(len(deeds_of)) as pool:
        return list(zip(*pool.map(run, deeds_of), strict=True))


def twins(person: Person, count: int) -> list[Person]:
    """The same session in as many connections: tabs of one browser."""
    others = [Person(person.url, person.role, person.name) for _ in range(count)]
    for other in others:
        other.http.cookies = httpx.Cookies(person.http.cookies)
    return others


def enter_all(url: str, count: int, role: str = "user") -> list[Person]:
    """As many sessions."""
    return [Person(url, role, f"{role} {number}").enter() for number in range(count)]
