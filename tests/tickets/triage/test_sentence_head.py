import json
from dataclasses import replace

import numpy as np
import pytest

from tests.support.sentence_models import needs_sentence_model
from tickets.triage import ModelDamaged, corpus, sentence_head
from tickets.triage.model import CATEGORIES
from tickets.triage.sentence_head import HEAD_FILE, HEAD_FOLDERS, find_shares, load_head, pack_head, read_head
from tickets.triage.sentence_model import DIMENSIONS, SentenceModelUnavailable, embed

SHIPPED = HEAD_FILE.read_text()


def test_shipped_head_was_made_from_the_files_as_they_are():
    """Fails after an edit of a seed or noun: run `python -m tickets.triage.train_sentence_head` and commit
    the head's file."""
    assert read_head(SHIPPED).sources == corpus.digest(HEAD_FOLDERS)


def test_head_is_the_same_after_writing_and_reading():
    assert pack_head(read_head(SHIPPED)) == SHIPPED


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "[1]",
        "{}",
        SHIPPED[:500],
        json.dumps(json.loads(SHIPPED) | {"weights": "AAAA"}),
        json.dumps(json.loads(SHIPPED) | {"bias": "not base64"}),
        json.dumps(json.loads(SHIPPED) | {"centre": None}),
        json.dumps(json.loads(SHIPPED) | {"temperature": 0}),
    ],
)
def test_read_head_refuses_damage(damaged):
    with pytest.raises(ModelDamaged):
        read_head(damaged)


def test_shares_are_those_of_a_softmax():
    weights = np.zeros((len(CATEGORIES), DIMENSIONS))
    weights[0, 0] = 2.0
    head = replace(read_head(SHIPPED), weights=weights, bias=np.zeros(3), temperature=2.0)
    vectors = np.zeros((2, DIMENSIONS))
    vectors[0, 0] = 1.0
    e = np.e
    np.testing.assert_allclose(
        find_shares(vectors, head), [[e / (e + 2), 1 / (e + 2), 1 / (e + 2)], [1 / 3, 1 / 3, 1 / 3]]
    )


@needs_sentence_model
def test_shipped_head_knows_the_meaning_of_words_that_no_seed_has():
    texts = ["The stairwell is flooded", "Mein Notebook verliert die Verbindung", "El camarero me insultó"]
    found = find_shares(embed(texts), load_head()).argmax(axis=1)
    assert [CATEGORIES[position] for position in found] == ["facility", "it", "services"]


@needs_sentence_model
def test_head_is_refused_for_weights_that_it_was_not_trained_on(monkeypatch, tmp_path):
    other = tmp_path / "head.json"
    other.write_text(pack_head(replace(read_head(SHIPPED), sha256="0" * 64)))
    monkeypatch.setattr(sentence_head, "HEAD_FILE", other)
    load_head.cache_clear()
    try:
        with pytest.raises(SentenceModelUnavailable, match="not those that the head knows"):
            load_head()
    finally:
        load_head.cache_clear()
