"""Makes a weight file; `python -m tickets.triage.train` makes the shipped one.

Needs scikit-learn, which only developers and the retraining process have. Word and character features are
weighted by logistic regression without an intercept, so that a text without content gets one third for each
category. The temperature and the scores come from cross-validation in which the copies of one text are always
on the same side.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from tickets.triage import corpus
from tickets.triage.feature_matrix import GRAM_SHARE, FeatureColumns, find_columns
from tickets.triage.features import Lexicon, distinct, pairs, read_words
from tickets.triage.model import CATEGORIES, SHIPPED, load_model, pack_model, pack_table, read_lexicon
from tickets.triage.train_salience import learn_salience

REGULARISATION_C = 3.0  # C of the regression
KEYWORD_WEIGHT = 0.5
REVIEW_BELOW = 0.7
MAX_QUANTISED = 127  # of a quantised weight
MIN_STEPS = 3.5  # of a quantised pair or n-gram: less fills a fifth of the file and changes no verdict
FOLDS = 3  # of the cross-validation
TICKET_COPIES = 2  # copies of a ticket's text, compared with seven of a seed
MIN_TICKETS = 3  # tickets that must share a word before it is learned, which keeps most names and numbers out


@dataclass(frozen=True)
class TrainingSet:
    """Examples with their copies, and the features of each, read once for all folds.

    What is in no training text of a fold has no weight there.
    """

    examples: Sequence[corpus.Example]
    columns: FeatureColumns
    matrix: csr_matrix
    keyword_points: np.ndarray

    def categories(self) -> list[str]:
        return [example.category for example in self.examples]


@dataclass(frozen=True)
class TrainedRegression:
    """The regression over quantised weights."""

    regression: LogisticRegression
    columns: FeatureColumns
    steps: tuple[float, float]


def read_training_set(
    seeds: Sequence[corpus.Example], ticket_examples: Sequence[corpus.Example] = ()
) -> TrainingSet:
    """seeds: with their copies. Their words, pairs and n-grams may be learned, but no misspelt ones, and of
    corrected tickets the words and pairs that enough of them share."""
    lexicon, keywords = read_word_lists()
    examples = [*seeds, *(example for example in ticket_examples for _ in range(TICKET_COPIES))]
    texts = [read_folded_words(example.text, lexicon) for example in examples]
    vocabulary = [text for seed, text in zip(seeds, texts, strict=False) if not seed.is_misspelt]
    vocabulary += find_shared_words(examples[len(seeds) :], texts[len(seeds) :])
    columns = find_columns(vocabulary, lexicon.neutral_words)
    return TrainingSet(examples, columns, columns.matrix(texts), keyword_scores(texts, keywords))


def find_shared_words(examples: Sequence[corpus.Example], texts: Sequence[list[str]]) -> list[list[str]]:
    """Each word and pair that enough tickets share.

    Nothing else of a ticket's text enters a weight file. A name that this many tickets contain does.
    """
    words_of_ticket: dict[str, set[str]] = {}
    for example, words in zip(examples, texts, strict=True):
        words_of_ticket.setdefault(example.origin, set()).update(words, pairs(words))
    tickets = Counter(name for names in words_of_ticket.values() for name in names)
    return [name.split(" ") for name, count in sorted(tickets.items()) if count >= MIN_TICKETS]


def fit(training: TrainingSet) -> TrainedRegression:
    """Equal input gives equal weights."""
    return _fit(training.columns, training.matrix, training.categories())


def _fit(columns: FeatureColumns, matrix: csr_matrix, categories: Sequence[str]) -> TrainedRegression:
    """Weights become whole steps of their table; what rounds to zero is dropped by the file."""
    regression = LogisticRegression(
        C=REGULARISATION_C, fit_intercept=False, class_weight="balanced", max_iter=2000
    )
    regression.fit(matrix, categories)
    word_count = len(columns.words)
    words, word_step = _quantise(regression.coef_[:, :word_count])
    grams, gram_step = _quantise(regression.coef_[:, word_count:])
    is_pair = np.array([" " in name for name in columns.words], dtype=bool)
    words[:, is_pair & _are_small(words, word_step)] = 0
    grams[:, _are_small(grams, gram_step)] = 0
    regression.coef_ = np.hstack([words, grams])
    return TrainedRegression(regression, columns, (word_step, gram_step))


def _are_small(weights: np.ndarray, step: float) -> np.ndarray:
    """Of every column whether no category has a weight that matters."""
    return abs(weights).max(axis=0) < MIN_STEPS * step


def _quantise(weights: np.ndarray) -> tuple[np.ndarray, float]:
    step = float(abs(weights).max() or 1.0) / MAX_QUANTISED
    return np.round(weights / step) * step, step


def scores(trained: TrainedRegression, matrix: csr_matrix, keyword_points: np.ndarray) -> np.ndarray:
    """Regression plus the points of the keywords, as the scorer computes them."""
    return trained.regression.decision_function(matrix) + keyword_points


def keyword_scores(texts: Sequence[list[str]], keywords: dict[str, list[str]]) -> np.ndarray:
    """Points for every keyword."""
    return KEYWORD_WEIGHT * np.array([_keyword_hits(words, keywords) for words in texts])


def _keyword_hits(words: list[str], keywords: dict[str, list[str]]) -> list[int]:
    categories = [keywords.get(name, ()) for name in distinct(words) + pairs(words)]
    return [sum(category in classes for classes in categories) for category in CATEGORIES]


def cross_validate(training: TrainingSet) -> tuple[float, float]:
    """The temperature that fits best, and the accuracy on unseen seeds and corrections."""
    examples, categories = training.examples, training.categories()
    labels = np.array([CATEGORIES.index(category) for category in categories])
    is_seed = np.array([not example.is_noun for example in examples])
    logits = np.zeros_like(training.keyword_points)
    groups = [example.origin for example in examples]
    for train, test in GroupKFold(FOLDS).split(logits, groups=groups):
        trained = _fit(training.columns, training.matrix[train], [categories[i] for i in train])
        logits[test] = scores(trained, training.matrix[test], training.keyword_points[test])
    truth, logits = labels[is_seed], logits[is_seed]
    return fit_temperature(logits, truth), float(np.mean(logits.argmax(axis=1) == truth))


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature with which the scores are the best probabilities of the true classes."""
    best = minimize_scalar(lambda t: _log_loss(logits / t, truth), bounds=(0.05, 10), method="bounded")
    return round(float(best.x), 4)


def _log_loss(logits: np.ndarray, truth: np.ndarray) -> float:
    """Mean negative log-likelihood of the true classes."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(truth)), truth]))


def read_word_lists() -> tuple[Lexicon, dict[str, list[str]]]:
    """Our lexicon and keywords, from their files."""
    packed = corpus.read_lexicon()
    return read_lexicon(packed), corpus.read_keywords(packed["stop_words"])


def read_folded_words(text: str, lexicon: Lexicon) -> list[str]:
    return [word.folded for word in read_words(text, lexicon)]


def train_and_validate(
    seeds: Sequence[corpus.Example], ticket_examples: Sequence[corpus.Example]
) -> tuple[bytes, float]:
    """The bytes of a weight file for seeds and the texts of tickets, and its cross-validated accuracy."""
    training = read_training_set(corpus.augment(list(seeds)), ticket_examples)
    temperature, accuracy = cross_validate(training)
    return train(training, temperature, corpus.digest()), accuracy


def train(training: TrainingSet, temperature: float, sources: str = "") -> bytes:
    """The bytes of a weight file, with our word lists."""
    trained = fit(training)
    word_count = len(trained.columns.words)
    _, keywords = read_word_lists()
    return pack_model(
        {
            "words": _pack(trained, trained.columns.words, 0, trained.steps[0], 1.0),
            "grams": _pack(trained, trained.columns.grams, word_count, trained.steps[1], GRAM_SHARE),
            "keywords": keywords,
            "keyword_weight": KEYWORD_WEIGHT,
            "lexicon": corpus.read_lexicon(),
            "telling": learn_salience(),
            "temperature": temperature,
            "review_below": REVIEW_BELOW,
            "sources": sources,
        }
    )


def _pack(
    trained: TrainedRegression, columns: dict[str, int], offset: int, step: float, share: float
) -> dict:
    whole = np.round(trained.regression.coef_ / step).astype(int)
    triples = {name: tuple(whole[:, offset + column].tolist()) for name, column in columns.items()}
    return pack_table(step * share, {name: triple for name, triple in triples.items() if any(triple)})


def main() -> None:
    raw, accuracy = train_and_validate(corpus.read_examples(), ticket_examples=[])
    SHIPPED.write_bytes(raw)
    model = load_model(raw)
    counts = f"{len(model.words.weights)} words, {len(model.grams.weights)} character n-grams"
    print(f"{model.version}: {counts}, {len(raw)} bytes")
    print(f"cross-validated {accuracy:.3f}, temperature {model.temperature}")


if __name__ == "__main__":
    main()
