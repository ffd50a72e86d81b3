"""What every process tells of itself, the same on both sides of the queue: one line, one JSON object, and in
each line the id of the request that it is about.

The id goes from the click over the row and the message to the worker, and back with the worker's own calls.
"""

import logging
import os
import re
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from logging.config import dictConfig
from typing import Any

REQUEST_ID_HEADER = "X-Request-ID"
MESSAGE_HEADER = "request_id"
WELL_FORMED = re.compile("[0-9A-Za-z_-]{8,64}")

# Celery's pool of children passes nothing on to the root.
POOL: dict[str, Any] = {"multiprocessing": {"level": "WARNING", "handlers": ["console"], "propagate": False}}

request_id: ContextVar[str] = ContextVar("request_id", default="")


def choose_id(given: object) -> str:
    """The id that came along where it is one, else a new one."""
    return given if isinstance(given, str) and WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


@contextmanager
def following(name: str) -> Iterator[None]:
    """Every line written within `with` is about the request of this id."""
    token = request_id.set(name)
    try:
        yield
    finally:
        request_id.reset(token)


def follow_task(task: Any, task_id: str, **_: Any) -> None:
    """For Celery's signal `task_prerun`: the id that came with the message, the task's own where none did."""
    request_id.set(choose_id((task.request.headers or {}).get(MESSAGE_HEADER) or task_id))


def leave_task(**_: Any) -> None:
    request_id.set("")


def make_logging(levels: dict[str, str]) -> dict[str, Any]:
    """A configuration for `dictConfig`: JSON lines on standard error. levels: of the loggers named."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "analytics_workers.json_line.JsonLine"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {name: {"level": level, "propagate": True} for name, level in levels.items()} | POOL,
    }


def write_lines_only(config: dict[str, Any]) -> None:
    """For a server's process: warnings and what nobody caught become lines too, and what Celery prints for
    people at a terminal goes nowhere."""
    dictConfig(config)
    logging.captureWarnings(True)
    sys.excepthook = lambda *error: log_uncaught(error)
    threading.excepthook = lambda args: log_uncaught((args.exc_type, args.exc_value, args.exc_traceback))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def log_uncaught(error: Any) -> None:
    logging.getLogger(__name__).critical("nobody caught this", exc_info=error)
