"""Times several ways of doing the same thing fairly on a machine that is never idle."""

import statistics
import time
from collections.abc import Callable


def alternate(*ways: Callable[[], object], rounds: int) -> list[float]:
    """Median seconds of each way, taken in turns after one round that does not count."""
    laps: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds + 1):
        for way, seconds in zip(ways, laps, strict=True):
            start = time.perf_counter()
            way()
            seconds.append(time.perf_counter() - start)
    return [statistics.median(seconds[1:]) for seconds in laps]
