"""Times several variants of a task in turns, so that other load on the machine affects all equally."""

import statistics
import time
from collections.abc import Callable


def interleave(*variants: Callable[[], object], rounds: int) -> list[float]:
    """Median seconds of each variant, taken in turns after one round that does not count."""
    durations: list[list[float]] = [[] for _ in variants]
    for _ in range(rounds + 1):
        for variant, seconds in zip(variants, durations, strict=True):
            start = time.perf_counter()
            variant()
            seconds.append(time.perf_counter() - start)
    return [statistics.median(seconds[1:]) for seconds in durations]
