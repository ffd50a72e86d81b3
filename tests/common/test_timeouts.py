import time

import pytest

from common.timeouts import run_within


def test_answer_comes_through():
    assert run_within(1, lambda: 7) == 7


def test_error_comes_through():
    with pytest.raises(KeyError, match="lost"):
        run_within(1, lambda: {}["lost"])


def test_nobody_waits_longer_than_the_deadline():
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        run_within(0.1, lambda: time.sleep(1))
    assert time.monotonic() - began < 0.5
