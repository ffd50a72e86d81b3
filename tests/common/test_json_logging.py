import json
import logging
import subprocess
import sys
from types import SimpleNamespace

import pytest

from common.json_logging import (
    JsonLineFormatter,
    choose_id,
    clear_request_id,
    log_for_request,
    log_uncaught,
    make_logging,
    request_id,
    set_request_id,
)

HOSTILE = [
    'a\n{"level": "CRITICAL", "message": "forged"}',
    "a\r\nb\rc\x85d\u2028e\u2029f\x0bg\x0c",
    '", "level": "CRITICAL", "x": "',
    "\x1b[2J\x1b[31mred\x07\x00\x08",
    "\u202eesrever\u200b",
    "half a pair \ud800 of it",
    "%s %(name)s %d {0} \\u0022 \\",
    "\N{PILE OF POO}" * 50,
]


def line_of(message: str, *args: object, **parts: object) -> str:
    record = logging.LogRecord("tests", logging.INFO, __file__, 1, message, args, parts.pop("exc_info", None))
    vars(record).update(parts)
    return JsonLineFormatter().format(record)


def caught(make_trouble) -> tuple:
    try:
        make_trouble()
    except Exception:
        return sys.exc_info()
    raise AssertionError("nothing was raised")


def insert_a_name() -> None:
    try:
        raise KeyError("Failing row contains (Hedda, my private text)")
    except KeyError as error:
        raise ValueError("Hedda") from error


def test_line_has_time_level_logger_message_and_request_id():
    with log_for_request("abcdefgh"):
        line = json.loads(line_of("the disk has %d bytes", 7))
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "tests",
        "message": "the disk has 7 bytes",
        "request_id": "abcdefgh",
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_control_characters_are_escaped(text):
    for line in (line_of("%s", text), line_of(text), line_of(text, 7), line_of("x", route=text)):
        assert line.isascii()
        assert line.isprintable()
    assert json.loads(line_of("%s", text))["message"] == text
    assert json.loads(line_of("x", route=text))["level"] == "INFO"


def test_attributes_set_by_libraries_are_not_logged():
    line = line_of("x", request="GET /?q=secret", data={"args": ["secret"]}, stack_info="secret", ms=3.5)
    assert "secret" not in line
    assert json.loads(line)["ms"] == 3.5


def test_message_whose_values_do_not_fit_is_logged_without_them():
    assert json.loads(line_of("%d of %s", "private"))["message"] == "%d of %s"


def test_error_is_logged_with_types_and_locations_but_no_message():
    line = line_of("it failed", exc_info=caught(insert_a_name))
    assert "Hedda" not in line
    assert "private" not in line
    exception = json.loads(line)["exception"]
    assert exception.startswith("builtins.ValueError at ")
    assert " because of builtins.KeyError at " in exception
    assert "insert_a_name" in exception


def test_celery_error_texts_are_removed():
    context = {"name": "prune", "exc": "ValueError('Hedda')", "traceback": "Hedda"}
    line = line_of("Task %(name)s raised: %(exc)s\n%(traceback)s", context, exc_info=caught(insert_a_name))
    assert json.loads(line)["message"] == "Task prune raised: \n"
    assert "Hedda" not in line


def test_error_quoted_in_a_message_is_replaced_by_its_type():
    line = line_of("it raised %r after %d s", ValueError("Hedda"), 3, exc_info=caught(insert_a_name))
    assert json.loads(line)["message"] == "it raised 'ValueError' after 3 s"


@pytest.mark.parametrize("good", ["abcdefgh", "0c17e825-bd8e-4802-9a84-ccc5c5893606", "x" * 64])
def test_well_formed_request_id_is_used(good):
    assert choose_id(good) == good


@pytest.mark.parametrize(
    "bad", [None, "", "short", "x" * 65, "abcdefgh\n", "abcdefgh<b>", "ünübersichtlich", 12345678]
)
def test_malformed_request_id_is_replaced(bad):
    assert len(choose_id(bad)) == 32
    assert choose_id(bad) != choose_id(bad)


def test_request_id_ends_with_its_request():
    with log_for_request("the-first"):
        with log_for_request("the-second"):
            assert request_id.get() == "the-second"
        assert request_id.get() == "the-first"
    assert request_id.get() == ""


@pytest.mark.parametrize(
    ("headers", "name"),
    [({"request_id": "the-click"}, "the-click"), ({"request_id": ""}, "the-task"), (None, "the-task")],
)
def test_task_has_the_request_id_of_its_message(headers, name):
    set_request_id(SimpleNamespace(request=SimpleNamespace(headers=headers)), "the-task")
    assert request_id.get() == name
    clear_request_id()
    assert request_id.get() == ""


def test_uncaught_exception_is_logged(caplog):
    log_uncaught(caught(insert_a_name))
    assert [record.message for record in caplog.records] == ["uncaught exception"]
    assert caplog.records[0].exc_info


PROGRAM = """
import sys, threading, warnings
from common.json_logging import make_logging, log_as_json_only
log_as_json_only(make_logging({"named": "INFO"}))
import logging
print("for people")
logging.getLogger("named").info("logged")
logging.getLogger("other").info("not logged")
logging.getLogger("other").warning("two\\nlines")
warnings.warn("look\\nout")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start(); thread.join()
raise SystemError("the end")
"""


def test_server_process_writes_only_json_lines():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stdout == ""
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert [line["message"] for line in lines if line["logger"] != "py.warnings"] == [
        "logged",
        "two\nlines",
        "uncaught exception",
        "uncaught exception",
    ]
    assert [line["exception"].split()[0] for line in lines if "exception" in line] == [
        "builtins.ZeroDivisionError",
        "builtins.SystemError",
    ]


def test_loggers_have_the_requested_levels():
    config = make_logging({"a": "INFO"})
    assert config["root"]["level"] == "WARNING"
    assert config["loggers"]["a"] == {"level": "INFO", "propagate": True}
    assert config["loggers"]["multiprocessing"]["handlers"] == ["console"]
