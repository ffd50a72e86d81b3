"""A text and a model to a verdict, in plain Python: sums of whole weights, then one softmax."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

from tickets.triage.evidence import find_evidence
from tickets.triage.features import distinct, grams, pairs, read_words
from tickets.triage.model import CATEGORIES, Model, Table

Scores = tuple[float, float, float]
LOWEST = 1 / len(CATEGORIES)  # confidence of a guess
FAMILIAR = 1 / 3  # of a word's longer runs: 'Heizungsproblem' is no stranger, 'blorptang' is


@dataclass(frozen=True)
class Verdict:
    """Where a text belongs and why; evidence is in the text's own letters, strongest first."""

    category: str
    confidence: float
    runner_up: str
    evidence: tuple[tuple[str, float], ...]
    model: str
    needs_review: bool


@dataclass(frozen=True)
class Reading:
    """The scores of every distinct word of a text and of every pair of neighbours."""

    words: Mapping[str, Scores]
    pairs: Mapping[str, Scores]
    is_familiar: bool

    def total(self) -> Scores:
        return _add([*self.words.values(), *self.pairs.values()])

    def towards(self, category: int) -> tuple[dict[str, float], dict[str, float]]:
        return (
            {word: scores[category] for word, scores in self.words.items()},
            {pair: scores[category] for pair, scores in self.pairs.items()},
        )


def classify(text: str, model: Model) -> Verdict:
    """Takes any text and refuses none: where no word is familiar the category is a guess, to be reviewed."""
    words = read_words(text, model.lexicon)
    reading = read_scores([word.folded for word in words], model)
    shares = _softmax(reading.total(), model.temperature)
    first, second, _ = sorted(range(len(CATEGORIES)), key=lambda category: -shares[category])
    confidence = shares[first] if reading.is_familiar else LOWEST
    return Verdict(
        category=CATEGORIES[first],
        confidence=confidence,
        runner_up=CATEGORIES[second],
        evidence=find_evidence(text, words, *reading.towards(first)),
        model=model.version,
        needs_review=confidence < model.review_below,
    )


def score(text: str, model: Model) -> Scores:
    """The raw scores in the order of CATEGORIES, before the temperature."""
    return read_scores([word.folded for word in read_words(text, model.lexicon)], model).total()


def read_scores(folded: Sequence[str], model: Model) -> Reading:
    """Each kind of feature counts by the root of its number, so that long texts do not shout."""
    singles, doubles = distinct(folded), pairs(folded)
    runs = {word: grams(word) for word in singles}
    word_share = 1 / sqrt(len(singles) + len(doubles) or 1)
    gram_share = 1 / sqrt(sum(map(len, runs.values())) or 1)
    return Reading(
        words={
            word: _add(
                [
                    _sum([word], model.words, word_share),
                    _sum(runs[word], model.grams, gram_share),
                    _keyword(word, model),
                ]
            )
            for word in singles
        },
        pairs={
            pair: _add([_sum([pair], model.words, word_share), _keyword(pair, model)]) for pair in doubles
        },
        is_familiar=any(_is_familiar(word, runs[word], model) for word in singles),
    )


def _is_familiar(word: str, runs: Sequence[str], model: Model) -> bool:
    """A word of the training texts, or one that shares enough of its longer runs with them."""
    if word in model.words.weights or word in model.keywords:
        return True
    longer = [run for run in runs if len(run) > 3]
    return sum(run in model.grams.weights for run in longer) >= FAMILIAR * len(longer) > 0


def _sum(names: Iterable[str], table: Table, share: float) -> Scores:
    """Whole numbers are added before they are scaled, so their order cannot matter."""
    facility = it = services = 0
    for name in names:
        found = table.weights.get(name)
        if found:
            facility += found[0]
            it += found[1]
            services += found[2]
    scale = table.step * share
    return facility * scale, it * scale, services * scale


def _keyword(name: str, model: Model) -> Scores:
    classes = model.keywords.get(name, ())
    facility, it, services = (model.keyword_weight * (category in classes) for category in CATEGORIES)
    return facility, it, services


def _add(scores: Sequence[Scores]) -> Scores:
    facility, it, services = map(sum, zip((0.0, 0.0, 0.0), *scores, strict=True))
    return facility, it, services


def _softmax(scores: Scores, temperature: float) -> list[float]:
    highest = max(scores)
    raised = [exp((value - highest) / temperature) for value in scores]
    return [value / sum(raised) for value in raised]
