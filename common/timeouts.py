"""Timeouts for calls that have none; socket timeouts do not cover name resolution."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


def run_within(seconds: float, work: Callable[[], Result]) -> Result:
    """Returns or raises what `work` does. Raises TimeoutError if it takes longer than `seconds`."""
    return run_in_thread(work).result(timeout=seconds)


def run_in_thread(work: Callable[[], Result]) -> Future[Result]:
    """Runs `work` in a thread of its own.

    A thread that is left behind is a daemon: it ends with its own timeouts and keeps no process alive.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
