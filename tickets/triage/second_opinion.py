"""A second opinion on a category: half from the words, half from the meaning of the whole text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tickets.triage.evidence import MIN_WEIGHT
from tickets.triage.model import CATEGORIES, Model
from tickets.triage.predict import GUESS_CONFIDENCE, Verdict, classify, explain
from tickets.triage.sentence_head import find_shares, load_head
from tickets.triage.sentence_model import embed

if TYPE_CHECKING:
    import numpy as np

HEAD_SHARE = 0.5
SHARPNESS = 1.8  # exponent of the mean: two opinions that agree are surer than their mean says


def combine(verdict: Verdict, head_shares: Sequence[float], text: str, model: Model) -> Verdict:
    """Half and half: whichever category has the greater mean share is taken, also with less confidence than
    the words alone had. Asking for more would lose half of what the second opinion repairs.

    A new category has the words that speak for it, if there are any.
    """
    shares = _sharpen(
        (1 - HEAD_SHARE) * words + HEAD_SHARE * float(meaning)
        for words, meaning in zip(verdict.shares, head_shares, strict=True)
    )
    first, second, _ = sorted(range(len(CATEGORIES)), key=lambda category: -shares[category])
    # Where the words say nothing, or are in a language that was not learned, a person should look.
    confidence = GUESS_CONFIDENCE if verdict.confidence <= GUESS_CONFIDENCE else shares[first]
    is_same = CATEGORIES[first] == verdict.category
    return replace(
        verdict,
        category=CATEGORIES[first],
        confidence=confidence,
        shares=tuple(shares),
        runner_up=verdict.runner_up if is_same else CATEGORIES[second],
        evidence=verdict.evidence if is_same else find_supporting_words(text, CATEGORIES[first], model),
        needs_review=confidence < model.review_below,
    )


def _sharpen(means: Iterable[float]) -> list[float]:
    raised = [mean**SHARPNESS for mean in means]
    return [value / sum(raised) for value in raised]


def find_supporting_words(text: str, category: str, model: Model) -> tuple[tuple[str, float], ...]:
    return tuple((word, weight) for word, weight in explain(text, category, model) if weight > MIN_WEIGHT)


def judge(text: str, model: Model) -> Verdict:
    """What both together say. Raises SentenceModelUnavailable."""
    return judge_vector(text, embed([text])[0], model)


def judge_vector(text: str, vector: np.ndarray, model: Model) -> Verdict:
    """The same for a text whose vector is known. Raises SentenceModelUnavailable."""
    return combine(classify(text, model), find_shares(vector[None], load_head())[0].tolist(), text, model)
