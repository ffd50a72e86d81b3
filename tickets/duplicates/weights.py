"""What `train` learned: how much each feature counts, and which words, things and troubles are common."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WEIGHTS_FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True)
class Weights:
    """words, meaning: of the features of each model by name, with a "constant". likely_by_...: the score from
    which merging is proposed. common_words: word -> its weight, the smaller the more common; any other word
    has that of a rare one. things, troubles: the same for what they stand for."""

    words: Mapping[str, float]
    meaning: Mapping[str, float]
    likely_by_words: float
    likely_by_meaning: float
    rare_word: float
    common_words: Mapping[str, float]
    things: Mapping[str, float]
    troubles: Mapping[str, float]


@cache
def load_weights() -> Weights:
    return Weights(**json.loads(WEIGHTS_FILE.read_text()))
