"""The analytics worker with one bug per period: `celery -A tests.chaos.poisoned worker`.

PATIENCE in its environment is the soft time limit in seconds, if 90 are too long for a test.
"""

import os
import signal
from typing import Any

import numpy as np

from analytics_workers import pipeline
from analytics_workers.app import app

__all__ = ["app"]

if patience := int(os.environ.get("PATIENCE", 0)):
    app.conf.update(task_soft_time_limit=patience, task_time_limit=patience + 10)

measure = pipeline.measure


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def take_all_memory() -> None:
    taken = []
    while True:
        taken.append(np.empty(1 << 26, "u1"))


def never_end() -> None:
    while True:
        pass


def raise_from_deep_within() -> None:
    raise RuntimeError("secret\nwords of a programmer")


POISONS = {"101h": kill_itself, "102h": take_all_memory, "103h": never_end, "104h": raise_from_deep_within}


def measure_or_go_wrong(service: str, params: dict[str, Any], *rest: Any) -> Any:
    POISONS.get(params.get("period", ""), lambda: None)()
    return measure(service, params, *rest)


pipeline.measure = measure_or_go_wrong
