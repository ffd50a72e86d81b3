import gzip

import numpy as np
import pytest

from tickets.triage import classify, corpus, load_model, load_shipped_model, predict, train
from tickets.triage.features import grams
from tickets.triage.predict import score
from tickets.triage.reference_set import read_set

EXAMPLES = [example for example in corpus.read_examples() if example.language == "en"][::4]


@pytest.fixture(scope="module")
def raw() -> bytes:
    return train.train(EXAMPLES, temperature=0.5)


def test_train_gives_the_same_bytes_for_the_same_texts(raw):
    assert train.train(EXAMPLES, temperature=0.5) == raw


def test_predicted_scores_are_those_of_the_training(raw, monkeypatch):
    """But for words that no training text has, whose n-grams count less than the training knows."""
    monkeypatch.setattr(predict, "UNKNOWN_GRAM_TRUST", 1.0)
    model, (lexicon, keywords) = load_model(raw), train.read_word_lists()
    texts = [row.text for row in read_set("city")]
    read = [train.read_folded_words(text, lexicon) for text in texts]
    trained = train.fit(
        [train.read_folded_words(example.text, lexicon) for example in EXAMPLES],
        [example.category for example in EXAMPLES],
        neutral_words=lexicon.neutral_words,
    )
    expected = train.scores(trained, trained.columns.matrix(read), train.keyword_scores(read, keywords))
    np.testing.assert_allclose([score(text, model) for text in texts], expected, atol=1e-9)


def test_train_learns_a_new_language_from_a_few_texts():
    finnish = {"facility": "hissi rikki", "it": "salasana unohtui", "services": "ruoka kylmää"}
    extra = [corpus.Example(text, category, "fi", text) for category, text in finnish.items()]
    model = load_model(train.train(EXAMPLES + extra, temperature=0.5))
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
    ticket_examples = [corpus.Example("blorpomat fizzled", "it", "", f"ticket {n}") for n in range(3)]
    vocabulary = train.shared_vocabulary([], ticket_examples)
    assert vocabulary == [["blorpomat"], ["blorpomat", "fizzled"], ["fizzled"]]
    assert train.shared_vocabulary([], ticket_examples[:2] * 3) == []
