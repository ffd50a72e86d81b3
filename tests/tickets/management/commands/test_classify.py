import io
import json
import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from campus_helpdesk import settings
from tests.support.sentence_models import needs_sentence_model
from tickets.management.commands.classify import Judge, classify_lines, load_second_opinion
from tickets.triage import classify, sentence_head, sentence_model


def answers(*lines: bytes, judge: Judge = classify) -> list[dict]:
    out = io.StringIO()
    classify_lines(lines, Lines(out), judge)
    return [json.loads(line) for line in out.getvalue().splitlines()]


class Lines(io.StringIO):
    """Ends every piece with a line break, as a command's output does."""

    def __init__(self, target):
        super().__init__()
        self.target = target

    def write(self, text):
        return self.target.write(f"{text}\n")


def row(identity, text) -> bytes:
    return json.dumps({"id": identity, "text": text}).encode()


def test_classify_writes_one_line_per_line():
    first, second = answers(row(7, "The lamp is broken"), row("b", "My password is wrong"))
    assert set(first) == {"id", "label", "confidence", "needs_review", "evidence"}
    assert (first["id"], first["label"], second["id"], second["label"]) == (7, "facility", "b", "it")
    assert set(first["evidence"][0]) == {"word", "weight"}


@needs_sentence_model
def test_classify_with_a_second_opinion_uses_both_models():
    text = "The gravy swims in fat"
    (words,), (both,) = answers(row(1, text)), answers(row(1, text), judge=load_second_opinion())
    assert (words["label"], both["label"]) == ("services", "services")
    assert words["confidence"] != both["confidence"]


def test_classify_reports_what_a_second_opinion_needs(monkeypatch):
    monkeypatch.setattr(sentence_model, "PACKAGE", "no-such-package")
    sentence_model.load_sentence_model.cache_clear()
    sentence_head.load_head.cache_clear()
    with pytest.raises(CommandError, match=r"no-such-package is not installed\. It needs .*semantic\.txt"):
        call_command("classify", "--second-opinion")


def test_classify_accepts_any_text():
    lines = [row(n, text) for n, text in enumerate(["", "\ud800\0", "😀", "مرحبا", "a" * 20_000])]
    assert [answer["id"] for answer in answers(*lines)] == [0, 1, 2, 3, 4]


def test_classify_skips_empty_lines():
    assert [answer["id"] for answer in answers(b"\n", row(1, "lamp"), b"  \n")] == [1]


@pytest.mark.parametrize(
    "bad",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe\xfa",
        b'{"text": "lamp"}',
        b'{"id": 1}',
        b'{"id": 1, "text": null}',
        b'{"id": 1, "text": ["lamp"]}',
        b"[" * 100_000,
    ],
)
def test_classify_stops_at_a_bad_line_with_its_number(bad):
    with pytest.raises(CommandError, match="Line 2 is not"):
        answers(row(1, "lamp"), bad, row(3, "door"))


def test_classify_command_flushes_each_line_and_fails_on_a_bad_one():
    command = [sys.executable, "manage.py", "classify"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ, **pipes) as process:
        process.stdin.write(row(1, "The lift is stuck") + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["label"] == "facility"
        _, errors = process.communicate(b"nonsense\n")
        assert process.returncode == 1
        assert b"Line 2 is not JSON" in errors
        assert b"Traceback" not in errors
