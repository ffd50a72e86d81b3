"""The linear head of the sentence model: from the vector of a text to shares of the categories.

A logistic regression on the vectors of the seeds; `train_sentence_head` writes its file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickets.triage.model import CATEGORIES, ModelDamaged
from tickets.triage.sentence_model import (
    DIMENSIONS,
    SENTENCE_MODEL,
    SentenceModelUnavailable,
    load_sentence_model,
)

if TYPE_CHECKING:
    import numpy as np

HEAD_FILE = Path(__file__).with_name("sentence_head.json")
HEAD_FOLDERS = ("seeds",)  # what the head is made from
NAMES = ("sentence_model", "sha256", "sources", "temperature")
SHAPES = {"weights": (len(CATEGORIES), DIMENSIONS), "bias": (len(CATEGORIES),), "centre": (DIMENSIONS,)}


@dataclass(frozen=True)
class SentenceHead:
    """From a vector to scores: (categories, 384) weights and (categories,) bias, divided by the temperature.

    sentence_model, sha256: whose vectors it was trained on. sources: digest of the texts. centre: (384,) mean
    of the seeds' vectors, from which nearness is measured: all texts are near to each other from the origin.
    """

    sentence_model: str
    sha256: str
    sources: str
    temperature: float
    weights: np.ndarray
    bias: np.ndarray
    centre: np.ndarray


def pack_head(head: SentenceHead) -> str:
    """The file's content; equal heads give equal files."""
    numbers = {name: _pack(getattr(head, name)) for name in SHAPES}
    return json.dumps({name: getattr(head, name) for name in NAMES} | numbers, indent=1) + "\n"


def _pack(array: np.ndarray) -> str:
    return base64.b64encode(array.astype("<f4").tobytes()).decode()


def read_head(text: str) -> SentenceHead:
    """Raises ModelDamaged."""
    try:
        return _read_payload(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise ModelDamaged(f"The file of the sentence head cannot be read: {error}") from error


def _read_payload(payload: Mapping[str, Any]) -> SentenceHead:
    values = {name: payload[name] for name in NAMES}
    values |= {name: _unpack(payload[name]).reshape(shape) for name, shape in SHAPES.items()}
    head = SentenceHead(**values)
    if not head.temperature > 0:
        raise ModelDamaged("The temperature of the sentence head is not a positive number.")
    return head


def _unpack(packed: str) -> np.ndarray:
    import numpy as np

    return np.frombuffer(base64.b64decode(packed), "<f4")


@lru_cache(maxsize=1)
def load_head() -> SentenceHead:
    """The shipped head. Raises SentenceModelUnavailable if its file is damaged or the installed model is not
    the one that it was trained on."""
    model = load_sentence_model()
    try:
        head = read_head(HEAD_FILE.read_text())
    except ModelDamaged as error:
        raise SentenceModelUnavailable(str(error)) from error
    if (head.sentence_model, head.sha256) != (SENTENCE_MODEL, model.sha256):
        raise SentenceModelUnavailable(f"The weights of {SENTENCE_MODEL} are not those that the head knows.")
    return head


def find_shares(vectors: np.ndarray, head: SentenceHead) -> np.ndarray:
    """The head's shares of the categories: (number of texts, categories)."""
    import numpy as np

    scores = (vectors @ head.weights.T + head.bias) / head.temperature
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
