"""Logging of every process, the same on both sides of the queue: one JSON object per line, with the id of the
request that it belongs to.

The id is passed from the request through the row and the message to the worker, and back with the worker's
own requests.
"""

import logging
import os
import re
import sys
import threading
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from logging.config import dictConfig
from typing import Any

from pythonjsonlogger.json import JsonFormatter

REQUEST_ID_HEADER = "X-Request-ID"
MESSAGE_HEADER = "request_id"
WELL_FORMED = re.compile("[0-9A-Za-z_-]{8,64}")

# Celery's pool children do not propagate to the root logger.
POOL: dict[str, Any] = {"multiprocessing": {"level": "WARNING", "handlers": ["console"], "propagate": False}}

FIELD_NAMES = {"levelname": "level", "name": "logger", "exc_info": "exception"}
LINE_FIELDS = ("time", "level", "logger", "message")
REQUEST_FIELDS = ("method", "route", "status", "ms", "role")

request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    return request_id.get()


def choose_id(given: object) -> str:
    """The id that came with the request if it is valid, else a new one."""
    return given if isinstance(given, str) and WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


@contextmanager
def log_for_request(given_id: str) -> Iterator[None]:
    """Every line logged within the `with` block carries this request id."""
    token = request_id.set(given_id)
    try:
        yield
    finally:
        request_id.reset(token)


def set_request_id(task: Any, task_id: str, **_: Any) -> None:
    """For Celery's signal `task_prerun`: the id in the message, or the task's own id."""
    request_id.set(choose_id((task.request.headers or {}).get(MESSAGE_HEADER) or task_id))


def clear_request_id(**_: Any) -> None:
    request_id.set("")


class JsonLineFormatter(JsonFormatter):
    """Formats a log record as one line of JSON. Only fields named here are written: other attributes, set by
    libraries (a request with its address, a task's arguments), may quote what people wrote.

    Everything that could end a line or control a terminal is escaped, so no line can be forged.
    """

    def __init__(self) -> None:
        super().__init__(["levelname", "name", "message"], rename_fields=FIELD_NAMES, timestamp="time")

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info:
            record.args = without_error_text(record.args)
        try:
            return super().format(record)
        except (TypeError, ValueError, KeyError):  # a library's format string and values do not match
            record.args = ()
            return super().format(record)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        line = {name: log_data[name] for name in LINE_FIELDS} | {"request_id": request_id.get()}
        return line | {name: log_data[name] for name in (*REQUEST_FIELDS, "exception") if name in log_data}

    def formatException(self, ei: Any) -> str:
        """Types and locations of an error and its causes, without messages, because database messages quote
        rows."""
        return " because of ".join(describe_error_chain(ei[1]))


def without_error_text(args: Any) -> Any:
    """An error quoted in a message is replaced by its type, and Celery's own copies are left out."""
    if isinstance(args, dict):
        return args | {"exc": "", "traceback": ""}
    return tuple(type(arg).__name__ if isinstance(arg, BaseException) else arg for arg in args or ())


def describe_error_chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        frames = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        yield f"{type(error).__module__}.{type(error).__qualname__} at {' > '.join(frames)}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def make_logging(levels: dict[str, str]) -> dict[str, Any]:
    """A configuration for `dictConfig`: JSON lines on standard error. levels: of the named loggers."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonLineFormatter}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {name: {"level": level, "propagate": True} for name, level in levels.items()} | POOL,
    }


def log_as_json_only(config: dict[str, Any]) -> None:
    """For a server process: warnings and uncaught exceptions are also logged, and what Celery prints for a
    terminal is discarded."""
    dictConfig(config)
    logging.captureWarnings(True)
    sys.excepthook = lambda *error: log_uncaught(error)
    threading.excepthook = lambda args: log_uncaught((args.exc_type, args.exc_value, args.exc_traceback))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def log_uncaught(error: Any) -> None:
    logging.getLogger(__name__).critical("uncaught exception", exc_info=error)
