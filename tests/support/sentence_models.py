"""The sentence model in tests: the real one, wherever the processor can run it."""

import pytest

from tickets.triage.sentence_model import SentenceModelUnavailable, check_processor


def find_obstacle() -> str:
    try:
        check_processor()
    except SentenceModelUnavailable as error:
        return str(error)
    return ""


needs_sentence_model = pytest.mark.skipif(bool(find_obstacle()), reason=find_obstacle())
