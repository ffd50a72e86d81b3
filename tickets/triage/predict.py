"""From a text and a model to a verdict, in plain Python: sums of integer weights, then one softmax."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

from tickets.triage.evidence import find_evidence
from tickets.triage.features import distinct, grams, pairs, read_words
from tickets.triage.model import CATEGORIES, Model, Table
from tickets.triage.sentences import find_say, share_out, split_sentences
from tickets.triage.signature import find_signature
from tickets.triage.spelling import mend_words

Scores = tuple[float, float, float]
LOWEST = 1 / len(CATEGORIES)  # confidence of a guess
REPORTS = 0.5  # salience of a sentence that reports something
CLEAR = 0.7  # share of a category in a sentence that is clearly about it
FAMILIAR = 1 / 3  # of a word's longer n-grams: 'Heizungsproblem' is familiar, 'blorptang' is not


@dataclass(frozen=True)
class Verdict:
    """The category of a text and why; evidence is in the text's own spelling, strongest first."""

    category: str
    confidence: float
    runner_up: str
    evidence: tuple[tuple[str, float], ...]
    model: str
    needs_review: bool
    is_mixed: bool


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
    """Accepts any text: if no word is familiar, the category is a guess, to be reviewed.

    Each sentence is scored by itself and has its share of the verdict.
    """
    words = mend_words(read_words(text, model.lexicon), model)
    sentences = split_sentences(text[: find_signature(text)], words)
    says = [find_say(sentence.text, model.telling) for sentence in sentences]
    readings = [read_scores([word.folded for word in sentence.words], model) for sentence in sentences]
    whole = merge(readings, share_out(says))
    shares = _softmax(whole.total(), model.temperature)
    first, second, _ = sorted(range(len(CATEGORIES)), key=lambda category: -shares[category])
    other = find_other_topic(first, readings, says, model)
    confidence = shares[first] if whole.is_familiar else LOWEST
    return Verdict(
        category=CATEGORIES[first],
        confidence=confidence,
        runner_up=CATEGORIES[second if other is None else other],
        evidence=find_evidence(text, words, *whole.towards(first)),
        model=model.version,
        needs_review=confidence < model.review_below,
        is_mixed=other is not None,
    )


def find_other_topic(
    winner: int, readings: Sequence[Reading], says: Sequence[float], model: Model
) -> int | None:
    """The category that another sentence clearly reports something about; if several, the most salient."""
    topics = [(say, *_find_topic(reading, model)) for say, reading in zip(says, readings, strict=True)]
    others = [
        (say, topic)
        for say, topic, confidence in topics
        if topic != winner and say >= REPORTS and confidence >= CLEAR
    ]
    return max(others)[1] if others and len(readings) > 1 else None


def _find_topic(reading: Reading, model: Model) -> tuple[int, float]:
    """The category of one sentence and its share."""
    shares = _softmax(reading.total(), model.temperature)
    return max(range(len(CATEGORIES)), key=lambda category: shares[category]), max(shares)


def score(text: str, model: Model) -> Scores:
    """The raw scores of a text as one sentence, without correcting typing errors, before the temperature."""
    return read_scores([word.folded for word in read_words(text, model.lexicon)], model).total()


def merge(readings: Sequence[Reading], parts: Sequence[float]) -> Reading:
    """One reading in which each sentence counts with its share."""
    return Reading(
        words=_merge([reading.words for reading in readings], parts),
        pairs=_merge([reading.pairs for reading in readings], parts),
        is_familiar=any(reading.is_familiar for reading in readings),
    )


def _merge(tables: Sequence[Mapping[str, Scores]], parts: Sequence[float]) -> dict[str, Scores]:
    merged: dict[str, Scores] = {}
    for table, part in zip(tables, parts, strict=True):
        for name, (facility, it, services) in table.items():
            scaled = (part * facility, part * it, part * services)
            merged[name] = _add([merged[name], scaled]) if name in merged else scaled
    return merged


def read_scores(folded: Sequence[str], model: Model) -> Reading:
    """Each kind of feature is divided by the square root of its number, so that long texts do not
    dominate."""
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
    """A word of the training texts, or one that shares enough of its longer n-grams with them."""
    if word in model.words.weights or word in model.keywords:
        return True
    longer = [run for run in runs if len(run) > 3]
    return sum(run in model.grams.weights for run in longer) >= FAMILIAR * len(longer) > 0


def _sum(names: Iterable[str], table: Table, share: float) -> Scores:
    """Integers are added before scaling, so their order cannot matter."""
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
