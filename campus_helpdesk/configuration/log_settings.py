"""How the processes of the Django side log, gunicorn included."""

import logging
import re

from common.json_logging import make_logging

REQUEST_QUOTED = re.compile("^(Invalid request|Error handling request).*", re.DOTALL)


class QuotesNoRequest(logging.Filter):
    """Drops lines in which gunicorn quotes the address or headers of a bad request: somebody wrote them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = REQUEST_QUOTED.sub(r"\1", record.getMessage()), ()
        return True


LOGGING = make_logging(
    {
        "analytics_gateway": "INFO",
        "campus_helpdesk": "INFO",
        "tickets": "INFO",
        "celery": "INFO",
        "gunicorn.error": "INFO",
        # Each request has its line already; what is left are errors, with their places.
        "django.request": "ERROR",
        "django.security": "ERROR",
    }
)
LOGGING["filters"] = {"quotes_no_request": {"()": QuotesNoRequest}}
LOGGING["loggers"]["gunicorn.error"]["filters"] = ["quotes_no_request"]
