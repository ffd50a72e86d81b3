"""How good a model is on the reference sets: texts that no model was trained on.

Each set was written apart, from a page that names the categories only: its author saw neither seeds nor word
lists nor another set. The others decide nothing: `academy`, `harbour`, `riverside` and `lakeside` were
written in the same way, and nobody has read them, so they tell most about new texts. Who wrote `authors`
wrote the seeds.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypedDict

from tickets.triage.model import CATEGORIES, Model
from tickets.triage.predict import Verdict, classify

FOLDER = Path(__file__).with_name("reference_sets")
SETS = ("city", "college", "commuter", "residential")  # named after the campus in their author's mind
OTHER_SETS = ("academy", "harbour", "riverside", "lakeside", "authors")
BINS = 10
MAX_CATEGORY_LOSS = 0.02
MAX_CALIBRATION_LOSS = 0.02


class ReferenceText(NamedTuple):
    text: str
    category: str
    language: str
    hard: bool


class Accuracy(TypedDict):
    texts: int
    right: int
    accuracy: float


class Figures(Accuracy):
    """calibration_error: mean distance between confidence and accuracy in ten bins of confidence."""

    calibration_error: float
    categories: dict[str, Accuracy]


@lru_cache
def read_set(name: str) -> tuple[ReferenceText, ...]:
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return tuple(ReferenceText(**json.loads(line)) for line in lines)


def read_reference_texts() -> tuple[ReferenceText, ...]:
    """The texts of all sets that decide whether a model may run."""
    return tuple(row for name in SETS for row in read_set(name))


def read_other_languages() -> list[str]:
    """Reports in languages that no model has learned."""
    lines = (FOLDER / "other_languages.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def measure_model(model: Model) -> Figures:
    """The figures that decide whether a model may run."""
    return measure(read_reference_texts(), model)


def measure(rows: Sequence[ReferenceText], model: Model) -> Figures:
    predictions = [(row, classify(row.text, model)) for row in rows]
    return Figures(
        **_accuracy(predictions),
        calibration_error=_calibration_error(predictions),
        categories={
            category: _accuracy([pair for pair in predictions if pair[0].category == category])
            for category in CATEGORIES
        },
    )


def _is_right(row: ReferenceText, verdict: Verdict) -> bool:
    return verdict.category == row.category


def _accuracy(predictions: Sequence[tuple[ReferenceText, Verdict]]) -> Accuracy:
    right = sum(_is_right(*pair) for pair in predictions)
    return Accuracy(texts=len(predictions), right=right, accuracy=round(right / len(predictions), 4))


def _calibration_error(predictions: Sequence[tuple[ReferenceText, Verdict]]) -> float:
    gaps = [0.0] * BINS
    for row, verdict in predictions:
        gaps[min(int(verdict.confidence * BINS), BINS - 1)] += _is_right(row, verdict) - verdict.confidence
    return round(sum(map(abs, gaps)) / len(predictions), 4)


def find_losses(new: Figures, old: Figures, name: str) -> list[str]:
    """Where the new model is worse than the old one, called `name`, in sentences; empty if it may run.

    Worse means: fewer correct texts in total, more than two points fewer in one category, or a confidence
    that is two points further from the accuracy.
    """
    losses = [_describe_loss("all", new, old, name)] if new["right"] < old["right"] else []
    for category in CATEGORIES:
        new_accuracy, old_accuracy = new["categories"][category], old["categories"][category]
        if _loss(new_accuracy, old_accuracy) > MAX_CATEGORY_LOSS:
            losses.append(_describe_loss(category, new_accuracy, old_accuracy, name))
    if new["calibration_error"] - old["calibration_error"] > MAX_CALIBRATION_LOSS:
        losses.append(
            f"Its confidence is off by {new['calibration_error']:.3f}, that of {name} by"
            f" {old['calibration_error']:.3f}."
        )
    return losses


def _loss(new: Accuracy, old: Accuracy) -> float:
    return (old["right"] - new["right"]) / new["texts"]


def _describe_loss(which: str, new: Accuracy, old: Accuracy, name: str) -> str:
    return (
        f"Of {new['texts']} texts that no model learns from ({which}) it files {new['right']} right,"
        f" {name} {old['right']}."
    )
