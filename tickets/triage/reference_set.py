"""How good a model is on the reference set: texts that no model was trained on."""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypedDict

from tickets.triage.model import CATEGORIES, Model
from tickets.triage.predict import Verdict, classify

GOLD = Path(__file__).with_name("reference_set.jsonl")
BINS = 10
LARGEST_LOSS_OF_CATEGORY = 0.02


class GoldText(NamedTuple):
    text: str
    category: str
    language: str
    hard: bool


class Hits(TypedDict):
    texts: int
    right: int
    accuracy: float


class Figures(Hits):
    """calibration_error: mean distance between confidence and accuracy in ten bins of confidence."""

    calibration_error: float
    categories: dict[str, Hits]


@lru_cache(maxsize=1)
def read_gold() -> tuple[GoldText, ...]:
    return tuple(GoldText(**json.loads(line)) for line in GOLD.read_text("utf-8").splitlines())


def measure_gold(model: Model) -> Figures:
    judged = [(row, classify(row.text, model)) for row in read_gold()]
    return Figures(
        **_count_hits(judged),
        calibration_error=_calibration_error(judged),
        categories={
            category: _count_hits([one for one in judged if one[0].category == category])
            for category in CATEGORIES
        },
    )


def _is_right(row: GoldText, verdict: Verdict) -> bool:
    return verdict.category == row.category


def _count_hits(judged: Sequence[tuple[GoldText, Verdict]]) -> Hits:
    right = sum(_is_right(*one) for one in judged)
    return Hits(texts=len(judged), right=right, accuracy=round(right / len(judged), 4))


def _calibration_error(judged: Sequence[tuple[GoldText, Verdict]]) -> float:
    gaps = [0.0] * BINS
    for row, verdict in judged:
        gaps[min(int(verdict.confidence * BINS), BINS - 1)] += _is_right(row, verdict) - verdict.confidence
    return round(sum(map(abs, gaps)) / len(judged), 4)


def find_losses(new: Figures, old: Figures, name: str) -> list[str]:
    """Where the new model is worse than the old one, called `name`, in sentences; empty if it may run.

    Worse means: fewer correct texts in total, or more than two points fewer in one category.
    """
    losses = [_tell_loss("all", new, old, name)] if new["right"] < old["right"] else []
    for category in CATEGORIES:
        mine, other = new["categories"][category], old["categories"][category]
        if _loss(mine, other) > LARGEST_LOSS_OF_CATEGORY:
            losses.append(_tell_loss(category, mine, other, name))
    return losses


def _loss(new: Hits, old: Hits) -> float:
    return (old["right"] - new["right"]) / new["texts"]


def _tell_loss(which: str, new: Hits, old: Hits, name: str) -> str:
    return (
        f"Of {new['texts']} texts that no model learns from ({which}) it files {new['right']} right,"
        f" {name} {old['right']}."
    )
