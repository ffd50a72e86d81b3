"""Logging of the processes of the Django side, gunicorn included."""

import logging
import re

from common.json_logging import make_logging

REQUEST_QUOTED = re.compile("^(Invalid request|Error handling request).*", re.DOTALL)


class RequestTextFilter(logging.Filter):
    """Cuts off the URL or headers of a bad request that gunicorn quotes: they contain user input."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = REQUEST_QUOTED.sub(r"\1", record.getMessage()), ()
        return True


LOGGING = make_logging(
    {
        "analytics_gateway": "INFO",
        "campus_helpdesk": "INFO",
        "tickets": "INFO",
        "notifications": "INFO",
        "celery": "INFO",
        "gunicorn.error": "INFO",
        # Each request has its own line already; these are errors, with tracebacks.
        "django.request": "ERROR",
        "django.security": "ERROR",
    }
)
LOGGING["filters"] = {"request_text": {"()": RequestTextFilter}}
LOGGING["loggers"]["gunicorn.error"]["filters"] = ["request_text"]
