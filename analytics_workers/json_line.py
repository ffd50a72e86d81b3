"""A log record as one line of JSON. Only fields that are named here are told: what libraries attach to a
record (a request with its address, a task's arguments) may quote what people wrote."""

import logging
import traceback
from collections.abc import Iterator
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from analytics_workers.logs import request_id

NAMES = {"levelname": "level", "name": "logger", "exc_info": "exception"}
OF_EVERY_LINE = ("time", "level", "logger", "message")
OF_REQUESTS = ("method", "route", "status", "ms", "role")


class JsonLine(JsonFormatter):
    """Everything that could end a line or steer a terminal is escaped: nothing can forge a line."""

    def __init__(self) -> None:
        super().__init__(["levelname", "name", "message"], rename_fields=NAMES, timestamp="time")

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info:
            record.args = without_words(record.args)
        try:
            return super().format(record)
        except (TypeError, ValueError, KeyError):  # a library's words and values do not fit
            record.args = ()
            return super().format(record)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        line = {name: log_data[name] for name in OF_EVERY_LINE} | {"request_id": request_id.get()}
        return line | {name: log_data[name] for name in (*OF_REQUESTS, "exception") if name in log_data}

    def formatException(self, ei: Any) -> str:
        """Kind and places of an error and of those that led to it, without their words: the database's
        quote whole rows."""
        return " because of ".join(describe(ei[1]))


def without_words(args: Any) -> Any:
    """What a message about an error quotes of it: its kind is told, and Celery's own copies are left out."""
    if isinstance(args, dict):
        return args | {"exc": "", "traceback": ""}
    return tuple(type(arg).__name__ if isinstance(arg, BaseException) else arg for arg in args or ())


def describe(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        places = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)]
        yield f"{type(error).__module__}.{type(error).__qualname__} at {' > '.join(places)}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
