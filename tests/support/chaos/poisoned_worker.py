"""The analytics worker with one bug per period: `celery -A tests.support.chaos.poisoned_worker worker`.

The environment variable SOFT_TIME_LIMIT, in seconds, replaces the limit of 90 s.
"""

import os
import signal
from typing import Any

import numpy as np

from analytics_workers import pipeline
from analytics_workers.app import app

__all__ = ["app"]

if soft_time_limit := int(os.environ.get("SOFT_TIME_LIMIT", 0)):
    app.conf.update(task_soft_time_limit=soft_time_limit, task_time_limit=soft_time_limit + 10)

measure = pipeline.measure


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def use_all_memory() -> None:
    arrays = []
    while True:
        arrays.append(np.empty(1 << 26, "u1"))


def never_end() -> None:
    while True:
        pass


def raise_error() -> None:
    raise RuntimeError("secret\nwords of a programmer")


BUGS = {"101h": kill_itself, "102h": use_all_memory, "103h": never_end, "104h": raise_error}


def measure_with_bugs(service: str, params: dict[str, Any], *rest: Any) -> Any:
    BUGS.get(params.get("period", ""), lambda: None)()
    return measure(service, params, *rest)


pipeline.measure = measure_with_bugs
