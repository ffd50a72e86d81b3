"""Which words distinguish a report from the story around it, learned from seeds and stories."""

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from tickets.triage import corpus
from tickets.triage.features import WORD, fold

REGULARISATION_C = 1.0  # C of the regression
DAMPING = 0.5  # words of a sentence are not independent
TROUBLE_WEIGHT = 1.0  # added to a word in `troubles/`
MIN_WEIGHT = 0.02


def learn_salience() -> dict[str, float]:
    """Half the log-odds of each word: positive for a report, negative for a story. Stop words count here."""
    examples = corpus.read_examples()
    seeds = [example.text for example in examples if not (example.is_noun or example.is_report)]
    stories = corpus.read_stories()
    counter = CountVectorizer(analyzer=_read, binary=True)
    matrix = counter.fit_transform(seeds + stories)
    regression = LogisticRegression(
        C=REGULARISATION_C, fit_intercept=False, class_weight="balanced", max_iter=2000
    ).fit(matrix, [1] * len(seeds) + [0] * len(stories))
    weights = dict(zip(counter.get_feature_names_out(), DAMPING * regression.coef_[0], strict=True))
    for word in corpus.read_troubles():
        weights[word] = weights.get(word, 0.0) + TROUBLE_WEIGHT
    return {
        word: round(float(weight), 2) for word, weight in sorted(weights.items()) if abs(weight) >= MIN_WEIGHT
    }


def _read(text: str) -> list[str]:
    return [fold(match.group()) for match in WORD.finditer(text)]
