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


def test_line_tells_when_where_how_bad_and_about_which_request():
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
def test_no_text_ends_a_line_or_steers_a_terminal(text):
    for line in (line_of("%s", text), line_of(text), line_of(text, 7), line_of("x", route=text)):
        assert line.isascii()
        assert line.isprintable()
    assert json.loads(line_of("%s", text))["message"] == text
    assert json.loads(line_of("x", route=text))["level"] == "INFO"


def test_what_libraries_attach_to_a_record_is_not_told():
    line = line_of("x", request="GET /?q=secret", data={"args": ["secret"]}, stack_info="secret", ms=3.5)
    assert "secret" not in line
    assert json.loads(line)["ms"] == 3.5


def test_words_that_do_not_fit_their_values_are_told_without_them():
    assert json.loads(line_of("%d of %s", "private"))["message"] == "%d of %s"


def test_an_error_tells_its_kind_and_places_and_none_of_its_words():
    line = line_of("it failed", exc_info=caught(insert_a_name))
    assert "Hedda" not in line
    assert "private" not in line
    told = json.loads(line)["exception"]
    assert told.startswith("builtins.ValueError at ")
    assert " because of builtins.KeyError at " in told
    assert "insert_a_name" in told


def test_celerys_words_about_an_error_are_left_out():
    context = {"name": "prune", "exc": "ValueError('Hedda')", "traceback": "Hedda"}
    line = line_of("Task %(name)s raised: %(exc)s\n%(traceback)s", context, exc_info=caught(insert_a_name))
    assert json.loads(line)["message"] == "Task prune raised: \n"
    assert "Hedda" not in line


def test_an_error_that_a_message_quotes_is_named_by_its_kind():
    line = line_of("it raised %r after %d s", ValueError("Hedda"), 3, exc_info=caught(insert_a_name))
    assert json.loads(line)["message"] == "it raised 'ValueError' after 3 s"


@pytest.mark.parametrize("good", ["abcdefgh", "0c17e825-bd8e-4802-9a84-ccc5c5893606", "x" * 64])
def test_a_well_formed_id_is_kept(good):
    assert choose_id(good) == good


@pytest.mark.parametrize(
    "bad", [None, "", "short", "x" * 65, "abcdefgh\n", "abcdefgh<b>", "ünübersichtlich", 12345678]
)
def test_anything_else_gets_a_new_one(bad):
    assert len(choose_id(bad)) == 32
    assert choose_id(bad) != choose_id(bad)


def test_ids_end_with_their_request():
    with log_for_request("the-first"):
        with log_for_request("the-second"):
            assert request_id.get() == "the-second"
        assert request_id.get() == "the-first"
    assert request_id.get() == ""


@pytest.mark.parametrize(
    ("headers", "name"),
    [({"request_id": "the-click"}, "the-click"), ({"request_id": ""}, "the-task"), (None, "the-task")],
)
def test_a_task_follows_the_id_of_its_message(headers, name):
    set_request_id(SimpleNamespace(request=SimpleNamespace(headers=headers)), "the-task")
    assert request_id.get() == name
    clear_request_id()
    assert request_id.get() == ""


def test_what_nobody_caught_becomes_a_line(caplog):
    log_uncaught(caught(insert_a_name))
    assert [record.message for record in caplog.records] == ["uncaught exception"]
    assert caplog.records[0].exc_info


PROGRAM = """
import sys, threading, warnings
from common.json_logging import make_logging, log_as_json_only
log_as_json_only(make_logging({"told": "INFO"}))
import logging
print("for people")
logging.getLogger("told").info("told")
logging.getLogger("other").info("not told")
logging.getLogger("other").warning("two\\nlines")
warnings.warn("look\\nout")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start(); thread.join()
raise SystemError("the end")
"""


def test_a_servers_process_writes_nothing_but_lines():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stdout == ""
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert [line["message"] for line in lines if line["logger"] != "py.warnings"] == [
        "told",
        "two\nlines",
        "uncaught exception",
        "uncaught exception",
    ]
    assert [line["exception"].split()[0] for line in lines if "exception" in line] == [
        "builtins.ZeroDivisionError",
        "builtins.SystemError",
    ]


def test_levels_are_those_that_were_asked_for():
    config = make_logging({"a": "INFO"})
    assert config["root"]["level"] == "WARNING"
    assert config["loggers"]["a"] == {"level": "INFO", "propagate": True}
    assert config["loggers"]["multiprocessing"]["handlers"] == ["console"]
