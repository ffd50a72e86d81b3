import gzip
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from tickets.triage import classify, corpus, load_model, load_shipped_model, predict, train
from tickets.triage.feature_matrix import GRAM_SHARE, find_columns
from tickets.triage.features import grams
from tickets.triage.predict import score
from tickets.triage.reference_set import read_set

EXAMPLES = [example for example in corpus.read_examples() if example.language == "en"][::4]


@pytest.fixture(scope="module")
def raw() -> bytes:
    return make_model(EXAMPLES)


def make_model(examples: list[corpus.Example]) -> bytes:
    return train.train(train.read_training_set(examples), temperature=0.5)


def test_train_gives_the_same_bytes_for_the_same_texts(raw):
    assert make_model(EXAMPLES) == raw


def test_predicted_scores_are_those_of_the_training(raw, monkeypatch):
    """But for words that no training text has, whose n-grams count less than the training knows."""
    monkeypatch.setattr(predict, "UNKNOWN_GRAM_TRUST", 1.0)
    model, (lexicon, keywords) = load_model(raw), train.read_word_lists()
    texts = [row.text for row in read_set("city")]
    read = [train.read_folded_words(text, lexicon) for text in texts]
    trained = train.fit(train.read_training_set(EXAMPLES))
    expected = train.scores(trained, trained.columns.matrix(read), train.keyword_scores(read, keywords))
    np.testing.assert_allclose([score(text, model) for text in texts], expected, atol=1e-9)


def test_train_learns_a_new_language_from_a_few_texts():
    finnish = {"facility": "hissi rikki", "it": "salasana unohtui", "services": "ruoka kylmää"}
    extra = [corpus.Example(text, category, "fi", text) for category, text in finnish.items()]
    model = load_model(make_model(EXAMPLES + extra))
    assert {category: classify(text, model).category for category, text in finnish.items()} == {
        category: category for category in finnish
    }


def test_shipped_model_was_made_from_the_files_as_they_are():
    """Fails after an edit of a text file: run `python -m tickets.triage.train` and commit the weight file."""
    assert load_shipped_model().sources == corpus.digest()


def test_what_only_two_tickets_say_is_nowhere_in_the_weight_file():
    """Names and numbers of people stay out, as words, in pairs and as character n-grams."""
    told = [
        "Quxomar Wyzzolt in zq7719x: the blorpomat is dark",
        "The blorpomat of Quxomar is dark, call 0177zz4",
        "Blorpomat dark again, Jovvika asks Wyzzolt",
        "Pruvvel says Jovvika is cold, Wyzzolt too",
        "Jovvika: pruvvel",
    ]
    ticket_examples = [corpus.Example(text, "facility", "", f"ticket {n}") for n, text in enumerate(told)]
    raw, _ = train.train_and_validate(EXAMPLES[::2], ticket_examples * 2)
    content = gzip.decompress(raw).decode()
    model = load_model(raw)
    for name in ("quxomar", "zq7719x", "0177zz4", "pruvvel"):
        assert name not in content
        secret = {run for run in grams(name) if len(run.strip()) > 3}
        assert not secret & set(model.grams.weights)
    assert {"blorpomat", "jovvika", "wyzzolt"} <= set(model.words.weights)
    assert not {"quxomar wyzzolt", "jovvika wyzzolt", "cold wyzzolt"} & set(model.words.weights)


def test_words_and_pairs_are_learnt_once_three_tickets_share_them():
    tickets = [corpus.Example("blorpomat fizzled", "it", "", f"ticket {n}") for n in range(3)]
    texts = [["blorpomat", "fizzled"]] * 3
    assert train.find_shared_words(tickets, texts) == [["blorpomat"], ["blorpomat", "fizzled"], ["fizzled"]]
    assert train.find_shared_words(tickets[:2] * 3, texts * 2) == []


def test_misspelt_copies_are_no_words_to_learn_but_teach_their_n_grams():
    seed = corpus.Example("blorpomat", "it", "", "seed")
    copies = [seed, replace(seed, text="blorppomat", is_misspelt=True)]
    training = train.read_training_set(copies)
    assert training.columns.words == {"blorpomat": 0}
    assert "orppo" not in training.columns.grams
    assert training.matrix.getrow(1).nnz > 0


def test_n_grams_of_a_word_are_counted_as_often_as_they_occur():
    columns = find_columns([["lamp", "lamps"], ["neutral"]], {"neutral"})
    row = columns.matrix([["lamp", "lamps", "unheard"]]).toarray()[0]
    known = len(grams("lamp")) + len(grams("lamps"))
    share = 1 / sqrt(known + len(grams("unheard")))
    assert row[len(columns.words) + columns.grams["amp"]] == pytest.approx(GRAM_SHARE * 2 * share)
    assert row[columns.words["lamp"]] == pytest.approx(1 / sqrt(5))
    assert columns.matrix([[]]).nnz == 0
