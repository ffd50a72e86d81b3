"""What `train` learned: how much each feature counts, and which words, things and troubles are common."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WEIGHTS_FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True)
class Weights:
    """features: how much each counts, by name, with a "constant". common_words: word -> its weight, the
    smaller the more common; any other word has that of a rare one. things, troubles: likewise."""

    features: Mapping[str, float]
    rare_word: float
    common_words: Mapping[str, float]
    things: Mapping[str, float]
    troubles: Mapping[str, float]


@cache
def load_weights() -> Weights:
    return Weights(**json.loads(WEIGHTS_FILE.read_text()))
