"""The weight file: one gzip file, a header line with the checksum, then the payload as JSON."""

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any

from common.categories import CATEGORIES as KNOWN
from tickets.triage.features import Lexicon
from tickets.triage.politeness import PolitenessLexicon

CATEGORIES = tuple(KNOWN)  # the order of every triple of weights
FORMAT = 2
SHIPPED = Path(__file__).with_name("model.json.gz")

Triple = tuple[int, int, int]


class ModelDamaged(ValueError):
    """The file is not a weight file, or not the one that was written."""


@dataclass(frozen=True)
class Table:
    """Weights of one kind of feature: one integer per category, times one step."""

    step: float
    weights: Mapping[str, Triple]


@dataclass(frozen=True)
class Model:
    """Everything that a verdict depends on. The version is derived from the bytes, so equal versions are
    equal models."""

    version: str
    words: Table
    grams: Table
    keywords: Mapping[str, frozenset[str]]
    keyword_weight: float
    lexicon: Lexicon
    salience: Mapping[str, float]
    temperature: float
    review_below: float
    sources: str


def pack_model(payload: Mapping[str, Any]) -> bytes:
    """The payload as the bytes of a weight file; equal payloads give equal bytes."""
    body = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    head = json.dumps({"format": FORMAT, "sha256": hashlib.sha256(body).hexdigest()}).encode()
    return gzip.compress(head + b"\n" + body, compresslevel=9, mtime=0)


def load_model(raw: bytes) -> Model:
    """Raises ModelDamaged if checksum, format or shape is wrong."""
    try:
        head, _, body = gzip.decompress(raw).partition(b"\n")
        header = json.loads(head)
        checksum = hashlib.sha256(body).hexdigest()
        if header != {"format": FORMAT, "sha256": checksum}:
            raise ModelDamaged("The weight file's checksum or format does not match its content.")
        return _read_payload(json.loads(body), checksum)
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelDamaged(f"The weight file cannot be read: {error}") from error


def _read_payload(payload: Mapping[str, Any], checksum: str) -> Model:
    return Model(
        version=f"{FORMAT}-{checksum[:12]}",
        words=_read_table(payload["words"]),
        grams=_read_table(payload["grams"]),
        keywords={word: frozenset(classes) for word, classes in payload["keywords"].items()},
        keyword_weight=float(payload["keyword_weight"]),
        lexicon=read_lexicon(payload["lexicon"]),
        salience={word: float(weight) for word, weight in payload["telling"].items()},
        temperature=_read_temperature(payload["temperature"]),
        review_below=float(payload["review_below"]),
        sources=payload["sources"],
    )


def _read_temperature(value: Any) -> float:
    if not 0 < float(value) < inf:
        raise ModelDamaged("The weight file's temperature is not a positive number.")
    return float(value)


def read_lexicon(packed: Mapping[str, Any]) -> Lexicon:
    names = ("addresses", "phrases", "matters")
    return Lexicon(
        stop_words=frozenset(packed["stop_words"]),
        politeness=PolitenessLexicon(*(frozenset(packed[name]) for name in names)),
        neutral_words=frozenset(packed.get("neutral", ())),
    )


def pack_table(step: float, weights: Mapping[str, Triple]) -> dict[str, Any]:
    """Names in order, and their signed bytes category by category."""
    names = sorted(weights)
    columns = [bytes(weights[name][c] & 0xFF for name in names) for c in range(len(CATEGORIES))]
    packed = [base64.b64encode(column).decode() for column in columns]
    return {"step": step, "names": "\n".join(names), "weights": packed}


def _read_table(packed: Mapping[str, Any]) -> Table:
    names = packed["names"].split("\n")
    columns = [memoryview(base64.b64decode(column)).cast("b") for column in packed["weights"]]
    if len(columns) != len(CATEGORIES):
        raise ModelDamaged("The weight file has the wrong number of categories.")
    triples = zip(*columns, strict=True)
    return Table(float(packed["step"]), dict(zip(names, triples, strict=True)))


@lru_cache(maxsize=1)
def load_shipped_model() -> Model:
    return load_model(SHIPPED.read_bytes())
