"""From a text and a model to a verdict, in plain Python: sums of integer weights, then one softmax."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

from tickets.triage.evidence import find_evidence
from tickets.triage.features import (
    Word,
    find_report_end,
    grams,
    pairs,
    read_all_words,
    read_words,
    single_words,
)
from tickets.triage.model import CATEGORIES, Model, Table
from tickets.triage.sentences import find_salience, split_sentences, weigh_sentences
from tickets.triage.spelling import correct_spelling

Scores = tuple[float, float, float]
GUESS_CONFIDENCE = 1 / len(CATEGORIES)  # confidence of a guess
MIN_SALIENCE = 1.0  # salience of a sentence that reports something
CLEAR_SHARE = 0.7  # share of a category in a sentence that is clearly about it
UNKNOWN_GRAM_TRUST = 0.7
MIN_KNOWN_SHARE = 0.6  # of the words of a text, stop words included, in a language that the model has learned
MIN_WORDS_OF_LANGUAGE = 4  # fewer words do not tell the language
FAMILIAR_SHARE = 1 / 3  # of a word's longer n-grams: 'Heizungsproblem' is familiar, 'blorptang' is not


@dataclass(frozen=True)
class Verdict:
    """The category of a text and why; evidence is in the text's own spelling, strongest first.

    shares: of each category, in the order of CATEGORIES; they add up to 1 and are equal for a guess.
    """

    category: str
    confidence: float
    shares: tuple[float, ...]
    runner_up: str
    evidence: tuple[tuple[str, float], ...]
    model: str
    needs_review: bool
    is_mixed: bool


@dataclass(frozen=True)
class TextScores:
    """The scores of every distinct word of a text and of every pair of neighbours."""

    words: Mapping[str, Scores]
    pairs: Mapping[str, Scores]
    is_familiar: bool

    def total(self) -> Scores:
        return _add([*self.words.values(), *self.pairs.values()])

    def for_category(self, category: int) -> tuple[dict[str, float], dict[str, float]]:
        return (
            {word: scores[category] for word, scores in self.words.items()},
            {pair: scores[category] for pair, scores in self.pairs.items()},
        )


@dataclass(frozen=True)
class ScoredText:
    """The words that count, and the scores of each sentence and of the whole."""

    words: Sequence[Word]
    saliences: Sequence[float]
    sentences: Sequence[TextScores]
    whole: TextScores


def classify(text: str, model: Model) -> Verdict:
    """Accepts any text: if no word is familiar, the category is a guess, to be reviewed.

    Each sentence is scored by itself and has its share of the verdict.
    """
    scored = score_text(text, model)
    shares = _softmax(scored.whole.total(), model.temperature)
    first, second, _ = sorted(range(len(CATEGORIES)), key=lambda category: -shares[category])
    other = find_other_topic(first, scored.sentences, scored.saliences, model)
    if not scored.whole.is_familiar or is_foreign(text, model):
        shares = [GUESS_CONFIDENCE] * len(CATEGORIES)
    confidence = shares[first]
    return Verdict(
        category=CATEGORIES[first],
        confidence=confidence,
        shares=tuple(shares),
        runner_up=CATEGORIES[second if other is None else other],
        evidence=find_evidence(text, scored.words, *scored.whole.for_category(first)),
        model=model.version,
        needs_review=confidence < model.review_below,
        is_mixed=other is not None,
    )


def is_foreign(text: str, model: Model) -> bool:
    """Whether the text is in a language that the model has not learned: too few of its words are known."""
    words = [word.folded for word in read_all_words(text, find_report_end(text))]
    known = sum(_is_known(word, model) for word in words)
    return known < MIN_KNOWN_SHARE * len(words) and len(words) >= MIN_WORDS_OF_LANGUAGE


def _is_known(word: str, model: Model) -> bool:
    lexicon = model.lexicon
    return word in lexicon.stop_words or word in lexicon.neutral_words or word in model.words.weights


def _find_end(text: str, words: Sequence[Word]) -> int:
    """Where the sentences end: with the report, or with the last word that counts behind it."""
    return max(find_report_end(text), words[-1].end if words else 0)


def explain(text: str, category: str, model: Model) -> tuple[tuple[str, float], ...]:
    """The words that speak for a category, whether or not it is the one that `classify` chooses."""
    scored = score_text(text, model)
    return find_evidence(text, scored.words, *scored.whole.for_category(CATEGORIES.index(category)))


def score_text(text: str, model: Model) -> ScoredText:
    words = correct_spelling(read_words(text, model.lexicon), model)
    sentences = split_sentences(text[: _find_end(text, words)], words)
    saliences = [find_salience(sentence.text, model.salience) for sentence in sentences]
    scores = [score_words([word.folded for word in sentence.words], model) for sentence in sentences]
    return ScoredText(words, saliences, scores, merge_scores(scores, weigh_sentences(saliences)))


def find_other_topic(
    winner: int, sentence_scores: Sequence[TextScores], saliences: Sequence[float], model: Model
) -> int | None:
    """The category that another sentence clearly reports something about; if several, the most salient."""
    topics = [
        (salience, *_find_topic(scores, model))
        for salience, scores in zip(saliences, sentence_scores, strict=True)
    ]
    others = [
        (salience, topic)
        for salience, topic, confidence in topics
        if topic != winner and salience >= MIN_SALIENCE and confidence >= CLEAR_SHARE
    ]
    return max(others)[1] if others and len(sentence_scores) > 1 else None


def _find_topic(scores: TextScores, model: Model) -> tuple[int, float]:
    """The category of one sentence and its share."""
    shares = _softmax(scores.total(), model.temperature)
    return max(range(len(CATEGORIES)), key=lambda category: shares[category]), max(shares)


def score(text: str, model: Model) -> Scores:
    """The raw scores of a text as one sentence, without correcting typing errors, before the temperature."""
    return score_words([word.folded for word in read_words(text, model.lexicon)], model).total()


def merge_scores(sentence_scores: Sequence[TextScores], weights: Sequence[float]) -> TextScores:
    """One reading in which each sentence counts with its share."""
    return TextScores(
        words=_merge([scores.words for scores in sentence_scores], weights),
        pairs=_merge([scores.pairs for scores in sentence_scores], weights),
        is_familiar=any(scores.is_familiar for scores in sentence_scores),
    )


def _merge(tables: Sequence[Mapping[str, Scores]], weights: Sequence[float]) -> dict[str, Scores]:
    merged: dict[str, Scores] = {}
    for table, weight in zip(tables, weights, strict=True):
        for name, (facility, it, services) in table.items():
            scaled = (weight * facility, weight * it, weight * services)
            merged[name] = _add([merged[name], scaled]) if name in merged else scaled
    return merged


def score_words(folded: Sequence[str], model: Model) -> TextScores:
    """Each kind of feature is divided by the square root of its number, so that long texts do not
    dominate."""
    singles, word_pairs = single_words(folded, model.lexicon.neutral_words), pairs(folded)
    word_grams = {word: grams(word) for word in singles}
    word_share = 1 / sqrt(len(singles) + len(word_pairs) or 1)
    gram_share = 1 / sqrt(sum(map(len, word_grams.values())) or 1)
    return TextScores(
        words={
            word: _add(
                [
                    _sum([word], model.words, word_share),
                    _sum(word_grams[word], model.grams, gram_share * _gram_trust(word, model)),
                    _keyword(word, model),
                ]
            )
            for word in singles
        },
        pairs={
            pair: _add([_sum([pair], model.words, word_share), _keyword(pair, model)]) for pair in word_pairs
        },
        is_familiar=any(_is_familiar(word, word_grams[word], model) for word in singles),
    )


def _gram_trust(word: str, model: Model) -> float:
    """The n-grams of a word that no training text has say less than those of a known one."""
    return 1.0 if word in model.words.weights else UNKNOWN_GRAM_TRUST


def _is_familiar(word: str, grams: Sequence[str], model: Model) -> bool:
    """A word of the training texts, or one that shares enough of its longer n-grams with them."""
    if word in model.words.weights or word in model.keywords:
        return True
    longer = [gram for gram in grams if len(gram) > 3]
    return sum(gram in model.grams.weights for gram in longer) >= FAMILIAR_SHARE * len(longer) > 0


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
