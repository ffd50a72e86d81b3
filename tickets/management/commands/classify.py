"""JSON lines with texts in, JSON lines with categories out; the shipped models, no database."""

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper

from tickets.triage import Model, Verdict, classify, load_shipped_model

Judge = Callable[[str, Model], Verdict]


class Command(BaseCommand):
    help = (
        'Reads {"id", "text"} lines, writes {"id", "label", "confidence", "needs_review", "evidence"} lines.'
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--second-opinion", action="store_true", help="judge with the sentence model, too"
        )

    def handle(self, *args: Any, second_opinion: bool, **options: Any) -> None:
        judge = load_second_opinion() if second_opinion else classify
        classify_lines(sys.stdin.buffer, self.stdout, judge)


def load_second_opinion() -> Judge:
    """Raises an error where the sentence model cannot be used."""
    from tickets.triage.second_opinion import judge
    from tickets.triage.sentence_head import load_head
    from tickets.triage.sentence_model import SentenceModelUnavailable

    try:
        load_head()
    except SentenceModelUnavailable as error:
        raise CommandError(
            f"There is no second opinion: {error} It needs the packages of requirements/semantic.txt."
        ) from error
    return judge


def classify_lines(lines: Iterable[bytes], out: OutputWrapper, judge: Judge = classify) -> None:
    """One line out for one line in, flushed at once; an unreadable line stops it with its number.

    Earlier lines have been answered by then; empty lines are skipped.
    """
    model = load_shipped_model()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        identity, text = read_line(line, number)
        verdict = judge(text, model)
        answer = {
            "id": identity,
            "label": verdict.category,
            "confidence": round(verdict.confidence, 4),
            "needs_review": verdict.needs_review,
            "evidence": [{"word": word, "weight": weight} for word, weight in verdict.evidence],
        }
        out.write(json.dumps(answer))
        out.flush()


def read_line(line: bytes, number: int) -> tuple[Any, str]:
    """Raises an error unless it is an object with an "id" and a "text" that is a string."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"Line {number} is not JSON: {error}") from error
    if not isinstance(row, dict) or "id" not in row or not isinstance(row.get("text"), str):
        raise CommandError(f'Line {number} is not an object with "id" and a text in "text".')
    return row["id"], row["text"]
