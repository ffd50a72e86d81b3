import logging

import pytest

from campus_helpdesk.configuration.log_settings import LOGGING, RequestTextFilter


@pytest.mark.parametrize(
    ("message", "logged"),
    [
        (
            "Invalid request from ip=127.0.0.1: Invalid request line: '/?q=secret x'",
            "Invalid request",
        ),
        ("Error handling request GET /tickets/?q=secret\nwords", "Error handling request"),
        ("Booting worker with pid: 7", "Booting worker with pid: 7"),
    ],
)
def test_text_of_a_request_is_cut_off(message, logged):
    record = logging.LogRecord("gunicorn.error", logging.INFO, __file__, 1, "%s", (message,), None)
    assert RequestTextFilter().filter(record)
    assert record.getMessage() == logged


def test_filter_is_on_the_logger_of_gunicorn():
    assert LOGGING["loggers"]["gunicorn.error"]["filters"] == ["request_text"]
    assert LOGGING["filters"]["request_text"]["()"] is RequestTextFilter
