import time

import pytest

from common.timeouts import run_within


def test_result_is_returned():
    assert run_within(1, lambda: 7) == 7


def test_error_is_raised():
    with pytest.raises(KeyError, match="lost"):
        run_within(1, lambda: {}["lost"])


def test_deadline_raises_timeout_error():
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        run_within(0.1, lambda: time.sleep(1))
    assert time.monotonic() - began < 0.5
