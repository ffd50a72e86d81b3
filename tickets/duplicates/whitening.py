"""Vectors of the sentence model, centred and whitened: from the origin, all texts are near to each other.

Imports numpy: for the gateway's worker and the trainer only.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

WHITENING_FILE = Path(__file__).with_name("whitening.json")
DIMENSIONS = 128  # that are kept: those in which texts differ most
RIDGE = 0.003  # added to each variance, so that dimensions of noise do not decide


@dataclass(frozen=True)
class Whitening:
    """centre: (384,) mean of vectors; axes: (384, DIMENSIONS), each divided by its standard deviation.
    sentence_model: whose vectors they are."""

    sentence_model: str
    centre: np.ndarray
    axes: np.ndarray

    def apply(self, vectors: np.ndarray) -> np.ndarray:
        """(texts, 384) -> (texts, DIMENSIONS), each of length 1: their products are cosines."""
        moved = (vectors - self.centre) @ self.axes
        return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)


def fit_whitening(vectors: np.ndarray, sentence_model: str) -> Whitening:
    centre = vectors.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov((vectors - centre).T))
    kept = np.argsort(variances)[::-1][:DIMENSIONS]
    return Whitening(sentence_model, centre, directions[:, kept] / np.sqrt(variances[kept] + RIDGE))


def pack_whitening(whitening: Whitening) -> str:
    """The file's content; equal ones give equal files."""
    arrays = {name: _pack(getattr(whitening, name)) for name in ("centre", "axes")}
    return json.dumps({"sentence_model": whitening.sentence_model} | arrays, indent=1) + "\n"


def _pack(array: np.ndarray) -> str:
    return base64.b64encode(array.astype("<f2").tobytes()).decode()


@lru_cache(maxsize=1)
def load_whitening() -> Whitening:
    payload = json.loads(WHITENING_FILE.read_text())
    centre, axes = (
        np.frombuffer(base64.b64decode(payload[name]), "<f2").astype(np.float32)
        for name in ("centre", "axes")
    )
    return Whitening(payload["sentence_model"], centre, axes.reshape(len(centre), -1))
