import numpy as np

from tests.support.sentence_models import needs_sentence_model
from tickets.triage import corpus
from tickets.triage.sentence_head import find_shares, pack_head
from tickets.triage.sentence_model import embed
from tickets.triage.train_sentence_head import cross_validate, find_labels, train_head

pytestmark = needs_sentence_model
EXAMPLES = [example for example in corpus.read_examples() if example.language == "en"][::40]


def test_head_learns_and_is_the_same_for_the_same_texts():
    vectors, labels = embed([example.text for example in EXAMPLES]), find_labels(EXAMPLES)
    head = train_head(EXAMPLES, vectors, temperature=1.0)
    assert np.mean(find_shares(vectors, head).argmax(axis=1) == labels) > 0.9
    assert pack_head(train_head(EXAMPLES, vectors, temperature=1.0)) == pack_head(head)
    temperature, accuracy = cross_validate(EXAMPLES, vectors, labels)
    assert 0.05 < temperature < 10
    assert 1 / 3 < accuracy <= 1
