"""Makes weights.json: `python -m tickets.duplicates.train`. Needs scipy.

Learns from the reports in training/: for each it learns to choose the other one of its pair among all of that
campus, or none if it has no other.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from tickets.duplicates.directory import Directory
from tickets.duplicates.reading import Report, known_things, known_troubles, read_report
from tickets.duplicates.scoring import CONSTANT, FEATURES, measure
from tickets.duplicates.terms import Vocabulary, split_words
from tickets.duplicates.weights import WEIGHTS_FILE
from tickets.triage import classify, load_shipped_model
from tickets.triage.corpus import read_examples

FOLDER = Path(__file__).with_name("training")
MIN_TEXTS = 8  # of triage's that have a word before it counts as a common one
CHOICES = 60  # other reports of which each must be told apart: those that look most alike
RIDGE = 3.0  # how much large weights cost
SHOWN_WITHOUT_DUPLICATE = 0.2  # share of reports without a duplicate for which something is shown
FIRST_GUESS = {
    "same_building": 2,
    "named_building": 1,
    "same_room": 2,
    "share_of_words": 6,
    "weight_of_things": 0.5,
    "weight_of_troubles": 0.5,
}


@dataclass(frozen=True)
class Campus:
    """reports: of one site. partners: position of a report -> position of the other one of its pair."""

    reports: list[Report]
    partners: dict[int, int]


@dataclass(frozen=True)
class Measured:
    """features: (reports, reports, features). is_possible: (reports, reports), False for a report and itself
    and for two buildings. partners: those that are possible."""

    features: np.ndarray
    is_possible: np.ndarray
    partners: dict[int, int]

    def score_all(self, weights: np.ndarray) -> np.ndarray:
        """The last weight is the constant."""
        return np.where(self.is_possible, self.features @ weights[:-1] + weights[-1], -np.inf)


def read_campus(path: Path) -> Campus:
    """Lines {"id", "text", "building", "room", "pair_of": id or null}."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    positions = {row["id"]: at for at, row in enumerate(rows)}
    pairs = [(at, positions[row["pair_of"]]) for at, row in enumerate(rows) if row["pair_of"]]
    model = load_shipped_model()
    reports = [
        Report(row["text"], row["building"], row["room"], classify(row["text"], model).category)
        for row in rows
    ]
    return Campus(reports, dict(pairs) | {other: one for one, other in pairs})


def weigh_vocabularies(campuses: Sequence[Campus]) -> dict[str, object]:
    """Rare words, things and troubles say most."""
    texts = [example.text for example in read_examples() if not example.is_noun]
    words = Counter(word for text in texts for word in set(split_words(text)))
    common = {word: count for word, count in sorted(words.items()) if count >= MIN_TEXTS}
    reports = [split_words(report.description) for campus in campuses for report in campus.reports]
    return {
        "rare_word": rarity(0, len(texts)),
        "common_words": {word: rarity(count, len(texts)) for word, count in common.items()},
        "things": weigh_terms(known_things(), reports),
        "troubles": weigh_terms(known_troubles(), reports),
    }


def weigh_terms(vocabulary: Vocabulary, reports: Sequence[Sequence[str]]) -> dict[str, float]:
    counts = Counter(meaning for words in reports for meaning in vocabulary.find(words))
    meanings = sorted(frozenset().union(*vocabulary.meanings.values()))
    return {meaning: rarity(counts[meaning], len(reports)) for meaning in meanings}


def rarity(count: int, total: int) -> float:
    return round(math.log(total / (count + 1)), 2)


def measure_campus(campus: Campus) -> Measured:
    readings = list(map(read_report, campus.reports))
    directory = Directory(sorted({report.building for report in campus.reports} - {""}))
    features = np.zeros((len(readings), len(readings), len(FEATURES)))
    is_possible = np.zeros(features.shape[:2], dtype=bool)
    for i, left in enumerate(readings):
        for j, right in enumerate(readings[:i]):
            features[i, j] = features[j, i] = measure(left, right, directory)
            is_possible[i, j] = is_possible[j, i] = directory.compare(left.building, right.building) >= 0
    partners = {one: other for one, other in campus.partners.items() if is_possible[one, other]}
    return Measured(features, is_possible, partners)


def choose_alike(measured: Measured) -> np.ndarray:
    """(reports, CHOICES, features) of those that look most alike, the other one of the pair first."""
    guess = measured.score_all(np.array([*(FIRST_GUESS.get(name, 0.0) for name in FEATURES), 0.0]))
    for one, other in measured.partners.items():
        guess[one, other] = np.inf
    nearest = np.argsort(-guess, axis=1)[:, :CHOICES]
    return np.take_along_axis(measured.features, nearest[..., None], axis=1)


def fit(choices: np.ndarray, has_pair: np.ndarray) -> np.ndarray:
    """Weights, the constant last, with which the first of the choices is the likeliest, or none of them."""
    scales = choices.reshape(-1, choices.shape[-1]).std(axis=0) + 1e-6
    scaled = choices / scales

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = scaled @ weights[:-1] + weights[-1]
        highest = np.maximum(scores.max(axis=1), 0)
        odds = np.exp(scores - highest[:, None])
        total = odds.sum(axis=1) + np.exp(-highest)
        cost = (highest + np.log(total)).sum() - scores[has_pair, 0].sum() + RIDGE * (weights[:-1] ** 2).sum()
        excess = odds / total[:, None]
        excess[has_pair, 0] -= 1
        slope = np.einsum("ij,ijk->k", excess, scaled) + 2 * RIDGE * weights[:-1]
        return cost, np.append(slope, excess.sum())

    start = np.zeros(choices.shape[-1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return np.append(found[:-1] / scales, found[-1])


def fit_all(campuses: Sequence[Measured]) -> np.ndarray:
    choices = list(map(choose_alike, campuses))
    has_pair = [np.isin(np.arange(len(campus.features)), list(campus.partners)) for campus in campuses]
    return fit(np.concatenate(choices), np.concatenate(has_pair))


def find_shown(campuses: Sequence[Campus], scores: Sequence[np.ndarray]) -> float:
    """The score from which reports are shown."""
    best = [
        float(row.max())
        for campus, all_scores in zip(campuses, scores, strict=True)
        for at, row in enumerate(all_scores)
        if at not in campus.partners
    ]
    return float(np.quantile(best, 1 - SHOWN_WITHOUT_DUPLICATE))


def main() -> None:
    """The file is written twice: features are measured with the weights of words."""
    campuses = list(map(read_campus, sorted(FOLDER.glob("*.jsonl"))))
    written = json.loads(WEIGHTS_FILE.read_text()) | weigh_vocabularies(campuses)
    WEIGHTS_FILE.write_text(json.dumps(written, indent=1) + "\n")
    measured = list(map(measure_campus, campuses))
    weights = fit_all(measured)
    weights[-1] -= find_shown(campuses, [campus.score_all(weights) for campus in measured])
    names = [*FEATURES, CONSTANT]
    written["features"] = {name: round(float(one), 2) for name, one in zip(names, weights, strict=True)}
    WEIGHTS_FILE.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
